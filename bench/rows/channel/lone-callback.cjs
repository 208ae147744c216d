// Row: a lone event, from its publishing to the JavaScript callback; no WebSocket client of the listener.
'use strict';
const { BYTES, age } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const paths = require('../../lib/paths.cjs');
const { latency } = require('../../lib/stats.cjs');

const COUNT = 2000;
const INTERVAL_US = 1000;

/** `start` gets the callback and returns how to publish. */
async function measure(count, start) {
  const ages = [];
  let arrived;
  const all = new Promise((resolve) => (arrived = resolve));
  const publish = await start((data) => {
    ages.push(age(data));
    if (ages.length === count) arrived();
  });
  await publish();
  await all;
  return latency(ages);
}

module.exports = {
  name: 'lone-callback',
  title: 'a lone event, publish to callback (no client)',
  base: 'tsfn',
  columns: [
    { key: 'p50', title: 'p50 µs' },
    { key: 'p99', title: 'p99 µs' },
  ],
  subjects: {
    tsfn: {
      title: 'napi-rs thread-safe call',
      run: ({ of }) =>
        measure(of(COUNT), (callback) => {
          const peers = require(paths.peers);
          peers.onBuffer(callback);
          return () => peers.lone(of(COUNT), INTERVAL_US, BYTES);
        }),
    },
    'ws-client': {
      title: '`ws` client in the same process, fed by axum',
      run: ({ of }) =>
        measure(of(COUNT), async (callback) => {
          const peers = require(paths.peers);
          await servers.client(peers.serveLive(), callback);
          while (peers.subscribers() < 1) await new Promise(setImmediate);
          return () => peers.lone(of(COUNT), INTERVAL_US, BYTES);
        }),
    },
    loopwire: {
      title: 'Loopwire',
      loopwire: true,
      run: ({ of }) =>
        measure(of(COUNT), async (callback) => {
          const { harness } = await loopwire.start({ callback });
          return () => harness.lone({ count: of(COUNT), intervalUs: INTERVAL_US, bytes: BYTES });
        }),
    },
  },
  goals: [{ of: 'loopwire', key: 'p50', against: 'tsfn', atMost: 1.1 }],
};
