// The package over its `harness` build: the same JavaScript API, with native producers and faults.
//
// Require this instead of the package, before anything else of it, in tests that need them.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const dir = path.resolve(__dirname, '..', '..', 'harness');
const name = fs.existsSync(dir) && fs.readdirSync(dir).find((file) => file.endsWith('.node'));
if (!name) throw new Error('no harness build: run `node scripts/bootstrap.cjs --harness`');

/** The addon's path: what a child process or a Worker gets as NAPI_RS_NATIVE_LIBRARY_PATH. */
const addonPath = path.join(dir, name);
// The generated loader looks here first. Jest gives each test file a process.env of its own.
process.env.NAPI_RS_NATIVE_LIBRARY_PATH = addonPath;

const native = require('../../binding.js');
// Nobody asks in children and Workers, where no test runs: the end of their process tells. A file that has loaded the
// package before this has no harness.
if (native.harness) globalThis.loopwireWatch?.push(native.harness.notOrdered);

module.exports = {
  addonPath,
  /** The JavaScript API. */
  loopwire: require('../..'),
  /** Everything the harness build exports. */
  native,
};
