// Row: a lone event with both sinks there: to the callback and to the client.
'use strict';
const client = require('../../lib/client.cjs');
const { BYTES, age, stamped } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const paths = require('../../lib/paths.cjs');
const { latency } = require('../../lib/stats.cjs');

const COUNT = 2000;
const INTERVAL_US = 1000;

/**
 * `start` gets the callback and returns `{port, path, publish}`. The client waits in the kernel here: a
 * spinning one would leave a machine of two cores only one for publisher, runtime and JavaScript.
 */
async function measure(count, start) {
  const ages = [];
  let arrived;
  const all = new Promise((resolve) => (arrived = resolve));
  const { port, path, publish } = await start((data) => {
    ages.push(age(data));
    if (ages.length === count) arrived();
  });
  const counting = client.connect({ port, path, events: count, lone: true });
  await counting.open;
  await publish();
  await all;
  const seen = await counting.result;
  const toCallback = latency(ages);
  return {
    callback50: toCallback.p50,
    callback99: toCallback.p99,
    client50: seen.p50 / 1e3,
    client99: seen.p99 / 1e3,
  };
}

module.exports = {
  name: 'lone-both',
  title: 'a lone event, publish to callback and to client',
  base: 'tsfn-axum',
  columns: [
    { key: 'callback50', title: 'callback p50 µs' },
    { key: 'callback99', title: 'callback p99' },
    { key: 'client50', title: 'client p50 µs' },
    { key: 'client99', title: 'client p99' },
  ],
  subjects: {
    'tsfn-axum': {
      title: 'thread-safe call, tokio broadcast, axum',
      run: ({ of }) =>
        measure(of(COUNT), (callback) => {
          const peers = require(paths.peers);
          peers.onBuffer(callback);
          const publish = async () => {
            while (peers.subscribers() < 1) await new Promise(setImmediate);
            peers.lone(of(COUNT), INTERVAL_US, BYTES);
          };
          return { port: peers.serveLive(), publish };
        }),
    },
    tsfn: {
      title: 'thread-safe call, then written by the same thread',
      run: ({ of }) =>
        measure(of(COUNT), (callback) => {
          const peers = require(paths.peers);
          peers.onBuffer(callback);
          const publish = () => peers.lone(of(COUNT), INTERVAL_US, BYTES, true);
          return { port: peers.serveInline(), publish };
        }),
    },
    ws: {
      title: '`ws`, the callback called beside it',
      run: ({ of }) =>
        measure(of(COUNT), async (callback) => {
          const { port, send } = await servers.toOneOfWs();
          const publish = async () => {
            for (let n = 0; n < of(COUNT); n++) {
              await new Promise((resolve) => setTimeout(resolve, INTERVAL_US / 1000));
              const json = stamped();
              send(json);
              callback(json);
            }
          };
          return { port, publish };
        }),
    },
    loopwire: {
      title: 'Loopwire, plain client',
      loopwire: true,
      run: ({ of }) =>
        measure(of(COUNT), async (callback) => {
          const { harness, port, path } = await loopwire.start({ callback });
          const publish = () =>
            harness.lone({ count: of(COUNT), intervalUs: INTERVAL_US, bytes: BYTES });
          return { port, path, publish };
        }),
    },
  },
  goals: [
    { of: 'loopwire', key: 'callback50', against: 'tsfn', atMost: 1.2 },
    { of: 'loopwire', key: 'client50', against: 'ws', atMost: 1.0 },
  ],
};
