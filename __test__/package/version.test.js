// The core reports the version of the package.
'use strict';

const { version } = require('../../package.json');
const loopwire = require('../..');

test('getVersionInfo names the package version', () => {
  expect(loopwire.getVersionInfo()).toBe(`loopwire/${version}`);
});

test('the harness build works through the same JavaScript API', () => {
  const { loopwire: harness } = require('../support/harness.cjs');
  expect(harness.getVersionInfo()).toBe(`loopwire/${version}`);
});
