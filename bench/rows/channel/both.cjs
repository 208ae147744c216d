// Row: both sinks at once, live: a JavaScript callback and a WebSocket client get every event.
'use strict';
const client = require('../../lib/client.cjs');
const { BYTES } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const paths = require('../../lib/paths.cjs');

/** From the first publish until both have the last event. `start` gets the callback. */
async function measure(count, start) {
  const { cpu } = require(paths.peers);
  let arrived;
  const called = new Promise((resolve) => (arrived = resolve));
  let seen = 0;
  const { port, path, publish } = await start(() => {
    if (++seen === count) arrived(process.hrtime.bigint());
  });
  const counting = client.connect({ port, path, events: count });
  await counting.open;
  const before = cpu();
  const began = process.hrtime.bigint();
  const published = publish();
  const [last, sent] = await Promise.all([called, counting.result]);
  const after = cpu();
  await published;
  const toCallback = Number(last - began) / 1e9;
  const toClient = Number(sent.last - began) / 1e9;
  return {
    rate: count / Math.max(toCallback, toClient) / 1e6,
    callbackRate: count / toCallback / 1e6,
    clientRate: count / toClient / 1e6,
    jsNs: ((after.jsThreadMs - before.jsThreadMs) * 1e6) / count,
  };
}

function fromLoopwire(count, form) {
  return measure(count, async (callback) => {
    const { LARGE, touch } = loopwire;
    let touched = 0;
    let onEvent = () => (touched += 1);
    const {
      harness,
      port,
      [form]: path,
    } = await loopwire.start({
      callback: () => onEvent(),
      journal: LARGE,
    });
    const round = await touch(harness, LARGE, BYTES);
    const behind = () => touched < round;
    while (behind()) await new Promise(setImmediate);
    onEvent = callback;
    return { port, path, publish: () => harness.publish({ threads: 1, count, bytes: BYTES }) };
  });
}

module.exports = {
  name: 'both',
  title: 'both sinks at once, live',
  base: 'tsfn-axum',
  columns: [
    { key: 'rate', title: 'M events/s' },
    { key: 'callbackRate', title: 'to callback' },
    { key: 'clientRate', title: 'to client' },
    { key: 'jsNs', title: 'JS thread ns/event' },
  ],
  subjects: {
    'tsfn-axum': {
      title: 'thread-safe call, tokio broadcast, axum send',
      run: ({ of }) =>
        measure(of(300_000), (callback) => {
          const peers = require(paths.peers);
          peers.onBuffer(callback);
          const publish = async () => {
            while (peers.subscribers() < 1) await new Promise(setImmediate);
            peers.publish(of(300_000), BYTES);
          };
          return { port: peers.serveLive(), publish };
        }),
    },
    loopwire: {
      title: 'Loopwire, plain client',
      loopwire: true,
      run: ({ of }) => fromLoopwire(of(2_000_000), 'path'),
    },
    'loopwire-v1': {
      title: 'Loopwire, loopwire.v1 client',
      loopwire: true,
      run: ({ of }) => fromLoopwire(of(2_000_000), 'v1'),
    },
  },
  goals: [{ of: 'loopwire', key: 'rate', against: 'tsfn-axum', atLeast: 15, worst: 8 }],
};
