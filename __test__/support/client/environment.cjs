// The environment of all tests, with one thing more: `requireModule`, which loads the client's ES modules as Node does.
//
// Jest's own `require` cannot, unless Node runs with --experimental-vm-modules.
'use strict';

const path = require('node:path');
const TestEnvironment = require('../environment.cjs');

const root = path.resolve(__dirname, '..', '..', '..');

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.requireModule = (name) => require(path.join(root, 'client', name));
  }
};
