// The version that the core tells is the version of the package.
'use strict';

const { version } = require('../../package.json');
const loopwire = require('../..');

test('getVersionInfo names the package version', () => {
  expect(loopwire.getVersionInfo()).toBe(`loopwire/${version}`);
});

test('the harness build answers through the same face', () => {
  const { loopwire: harness } = require('../support/harness.cjs');
  expect(harness.getVersionInfo()).toBe(`loopwire/${version}`);
});
