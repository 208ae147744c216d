// Jest: the tests of what a user of the package sees.
'use strict';

module.exports = {
  // Only the tests: the platform folders and packed tarballs hold package.json files of the same names.
  roots: ['<rootDir>/__test__'],
  testMatch: ['**/*.test.js'],
  testEnvironment: '<rootDir>/__test__/support/environment.cjs',
  setupFilesAfterEnv: ['<rootDir>/__test__/support/watch.cjs'],
  // Two cores on the machines that run this, and tests that wait for real sockets.
  maxWorkers: 2,
  testTimeout: 30_000,
};
