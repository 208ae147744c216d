// Row: native events into a JavaScript callback that gets one Buffer each, and what they cost its thread.
'use strict';
const { BYTES } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const paths = require('../../lib/paths.cjs');

/** Counts `count` events; resolves to the figures once the last is there. `attach` takes the callback. */
async function measure(count, attach) {
  const { cpu } = require(paths.peers);
  let arrived;
  const all = new Promise((resolve) => (arrived = resolve));
  let seen = 0;
  let bytes = 0;
  const publish = await attach((data) => {
    bytes += data.length;
    if (++seen === count) arrived();
  });
  const before = cpu();
  const began = process.hrtime.bigint();
  const published = publish();
  await all;
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const after = cpu();
  await published;
  if (bytes !== count * BYTES) throw new Error(`${bytes} bytes instead of ${count * BYTES}`);
  return {
    rate: count / seconds / 1e6,
    jsNs: ((after.jsThreadMs - before.jsThreadMs) * 1e6) / count,
    processNs: ((after.processMs - before.processMs) * 1e6) / count,
  };
}

function threadSafe(register, count) {
  return measure(count, (callback) => {
    const peers = require(paths.peers);
    peers[register](callback);
    return () => peers.publish(count, BYTES);
  });
}

module.exports = {
  name: 'callback',
  title: 'native events into a JavaScript callback that gets one Buffer each',
  base: 'tsfn-buffer',
  columns: [
    { key: 'rate', title: 'M events/s' },
    { key: 'jsNs', title: 'JS thread ns/event' },
    { key: 'processNs', title: 'process ns/event' },
  ],
  subjects: {
    'tsfn-buffer': {
      title: 'napi-rs thread-safe call per event, Buffer',
      run: ({ of }) => threadSafe('onBuffer', of(500_000)),
    },
    'tsfn-string': {
      title: 'napi-rs thread-safe call per event, String',
      run: ({ of }) => threadSafe('onString', of(1_000_000)),
    },
    'ws-client': {
      title: '`ws` client in the same process, fed by axum',
      run: ({ of }) =>
        measure(of(500_000), async (callback) => {
          const peers = require(paths.peers);
          await servers.client(peers.serveLive(), callback);
          while (peers.subscribers() < 1) await new Promise(setImmediate);
          return () => peers.publish(of(500_000), BYTES);
        }),
    },
    loopwire: {
      title: 'Loopwire',
      loopwire: true,
      run: ({ of }) =>
        measure(of(3_000_000), async (callback) => {
          const { harness } = await loopwire.start({ callback });
          return () => harness.publish({ threads: 1, count: of(3_000_000), bytes: BYTES });
        }),
    },
  },
  goals: [
    { of: 'loopwire', key: 'rate', against: 'tsfn-buffer', atLeast: 12 },
    { of: 'loopwire', key: 'rate', against: 'ws-client', atLeast: 5 },
    { of: 'loopwire', key: 'jsNs', against: 'tsfn-buffer', atMost: 1 / 20 },
  ],
};
