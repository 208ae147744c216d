// Row: a lone event, from its publishing to a WebSocket client; no callback.
'use strict';
const client = require('../../lib/client.cjs');
const { BYTES, stamped } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const paths = require('../../lib/paths.cjs');

const COUNT = 2000;
const INTERVAL_US = 1000;

/** The client's own p50 and p99, in microseconds; it spins, so that no wake-up of its own is in them. */
async function measure({ port, path, events }, publish) {
  const counting = client.connect({ port, path, events, lone: true, spin: true });
  await counting.open;
  await publish();
  const seen = await counting.result;
  return { p50: seen.p50 / 1e3, p99: seen.p99 / 1e3 };
}

/** One event per millisecond from the event loop. */
async function fromLoop(count, send) {
  for (let n = 0; n < count; n++) {
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_US / 1000));
    send(stamped());
  }
}

function fromLoopwire(count, form) {
  return loopwire
    .start()
    .then(({ harness, port, [form]: path }) =>
      measure({ port, path, events: count }, () =>
        harness.lone({ count, intervalUs: INTERVAL_US, bytes: BYTES }),
      ),
    );
}

module.exports = {
  name: 'lone-client',
  title: 'a lone event, publish to client (no callback)',
  base: 'ws',
  columns: [
    { key: 'p50', title: 'p50 µs' },
    { key: 'p99', title: 'p99 µs' },
  ],
  subjects: {
    inline: {
      title: 'written by the publishing thread (the floor)',
      run: ({ of }) => {
        const peers = require(paths.peers);
        return measure({ port: peers.serveInline(), events: of(COUNT) }, () =>
          peers.lone(of(COUNT), INTERVAL_US, BYTES, true),
        );
      },
    },
    ws: {
      title: '`ws`',
      run: async ({ of }) => {
        const { port, send } = await servers.toOneOfWs();
        return measure({ port, events: of(COUNT) }, () => fromLoop(of(COUNT), send));
      },
    },
    bun: {
      title: 'Bun',
      bun: true,
      run: ({ of }) => {
        const { port, send } = servers.toOneOfBun();
        return measure({ port, events: of(COUNT) }, () => fromLoop(of(COUNT), send));
      },
    },
    axum: {
      title: 'tokio broadcast and axum',
      run: ({ of }) => {
        const peers = require(paths.peers);
        return measure({ port: peers.serveLive(), events: of(COUNT) }, async () => {
          while (peers.subscribers() < 1) await new Promise(setImmediate);
          peers.lone(of(COUNT), INTERVAL_US, BYTES);
        });
      },
    },
    loopwire: {
      title: 'Loopwire, plain',
      loopwire: true,
      run: ({ of }) => fromLoopwire(of(COUNT), 'path'),
    },
    'loopwire-v1': {
      title: 'Loopwire, loopwire.v1',
      loopwire: true,
      run: ({ of }) => fromLoopwire(of(COUNT), 'v1'),
    },
  },
  goals: [
    { of: 'loopwire', key: 'p50', against: 'bun', atMost: 0.8 },
    { of: 'loopwire', key: 'p50', against: 'ws', atMost: 0.6 },
  ],
};
