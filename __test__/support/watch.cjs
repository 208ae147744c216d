// Runs with each test file: a panic or a fault that no test ordered fails the test behind which it is found.
//
// The harness build tells of its own (`native.harness.notOrdered()`), and child.cjs of what its programs printed. In
// the build that is shipped nobody looks but scripts/test.cjs, which reads all that Jest printed.
'use strict';

const path = require('node:path');

/** Those who are asked after each test: each gives what has happened since it was asked last. */
const asked = (globalThis.loopwireWatch = /** @type {(() => string[])[]} */ ([]));

function look() {
  const found = asked.flatMap((ask) => ask());
  if (found.length > 0) throw new Error(`no test ordered this:\n${found.join('\n')}`);
}

afterEach(look);
// What happens while a file's own hooks put things away.
afterAll(look);

const index = path.resolve(__dirname, '..', '..', 'index.js');

/** Ends what the file has left in the package, if it has loaded it; environment.cjs calls it behind the last hook. */
globalThis.loopwireEnd = async () => require.cache[index]?.exports.shutdown?.();
