// Loopwire's own side: the harness build in bench/loopwire, and how the rows use it.
'use strict';
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const paths = require('./paths.cjs');

const entry = path.join(paths.loopwire, 'index.js');
const TOKEN = 'bench-0123456789abcdefghijklmnop';

/** Large enough that no reader is overtaken in a row that measures speed. */
const LARGE = { journalBytes: 256 * 1024 * 1024, journalEvents: 2_000_000 };

function built() {
  return fs.existsSync(entry);
}

/** The public functions and, as `harness`, the native producers. */
function load() {
  const loopwire = require(entry);
  const harness = loopwire.harness ?? require(path.join(paths.loopwire, 'binding.js')).harness;
  if (!harness) throw new Error('bench/loopwire was built without the feature `harness`');
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

module.exports = { LARGE, TOKEN, built, entry, load, start };
