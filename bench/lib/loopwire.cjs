// Loopwire's own side: the harness build under the package's JavaScript API, and how the rows use it.
'use strict';
const net = require('node:net');
const path = require('node:path');
const paths = require('./paths.cjs');

const TOKEN = 'bench-0123456789abcdefghijklmnop';

/** Holds all events of a row: a client is not overtaken, whatever turn it misses on two shared cores. */
const LARGE = { journalBytes: 256 * 1024 * 1024, journalEvents: 2_000_000 };
/** Holds all that the curves publish at a time. */
const ROOMY = { journalBytes: 64 * 1024 * 1024, journalEvents: 2_000_000 };

/** Goes once round a journal with events of `bytes`, so that its memory has been touched. */
async function touch(harness, { journalBytes, journalEvents }, bytes) {
  const count = Math.min(journalEvents, Math.ceil(journalBytes / bytes));
  await harness.publish({ threads: 1, count, bytes });
  return count;
}

/** Whether a row can have it: `'shipped'`, or else with the harness. */
function built(which) {
  return paths.addon(which === 'shipped' ? paths.shipped : paths.harness) !== undefined;
}

/** The public functions and, as `harness`, the native producers. */
function load() {
  // The generated loader looks here first.
  process.env.NAPI_RS_NATIVE_LIBRARY_PATH = paths.addon(paths.harness);
  const loopwire = require(paths.root);
  const { harness } = require(path.join(paths.root, 'binding.js'));
  if (!harness) throw new Error('bench/loopwire/harness was built without the feature `harness`');
  return { loopwire, harness };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a listener; without a callback by `startCommunicate`, the channel that has none. */
async function start({ callback, journal } = {}) {
  const { loopwire, harness } = load();
  if (journal) loopwire.configure(journal);
  let port;
  if (callback) {
    ({ port } = loopwire.startEventListener(0, TOKEN, callback));
  } else {
    port = await freePort();
    if (loopwire.startCommunicate(1, port, TOKEN) !== 0)
      throw new Error(loopwire.sdkGetLastError());
  }
  return { loopwire, harness, port, path: `/ws/${TOKEN}`, v1: `/ws/${TOKEN}?v=1` };
}

module.exports = { LARGE, ROOMY, TOKEN, built, load, start, touch };
