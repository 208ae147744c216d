// Row: events published live from one thread to one WebSocket client that only counts.
'use strict';
const client = require('../../lib/client.cjs');
const { BYTES, now, numbered } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const paths = require('../../lib/paths.cjs');

const SLOW = 300_000;
const FAST = 1_900_000;

/** From the first publish to the client's last byte. */
async function measure({ port, path, events }, publish) {
  const counting = client.connect({ port, path, events });
  await counting.open;
  const began = now();
  const published = await publish();
  const seen = await counting.result;
  return { ...client.rate(seen, began), publishNs: published?.nsPerPublish };
}

const fromLoop = ({ port, publish }, events) =>
  measure({ port, events }, () => publish(events, numbered));

async function fromLoopwire(count, form) {
  const { LARGE, touch } = loopwire;
  const { harness, port, [form]: path } = await loopwire.start({ journal: LARGE });
  await touch(harness, LARGE, BYTES);
  return measure({ port, path, events: count }, () =>
    harness.publish({ threads: 1, count, bytes: BYTES }),
  );
}

module.exports = {
  name: 'live',
  title: 'events published live from one thread to one WebSocket client that only counts',
  base: 'ws',
  columns: [
    { key: 'rate', title: 'M events/s' },
    { key: 'mbs', title: 'MB/s' },
    { key: 'publishNs', title: 'ns/publish' },
  ],
  subjects: {
    ws: {
      title: '`ws`',
      run: async ({ of }) => fromLoop(await servers.toOneOfWs(), of(SLOW)),
    },
    bun: {
      title: 'Bun',
      bun: true,
      run: ({ of }) => fromLoop(servers.toOneOfBun(), of(SLOW)),
    },
    'axum-send': {
      title: 'tokio broadcast and axum, send per message',
      run: async ({ of }) => {
        const peers = require(paths.peers);
        return measure({ port: peers.serveLive(), events: of(SLOW) }, async () => {
          while (peers.subscribers() < 1) await new Promise(setImmediate);
          peers.publish(of(SLOW), BYTES);
        });
      },
    },
    loopwire: {
      title: 'Loopwire, plain',
      loopwire: true,
      run: ({ of }) => fromLoopwire(of(FAST), 'path'),
    },
    'loopwire-v1': {
      title: 'Loopwire, loopwire.v1',
      loopwire: true,
      run: ({ of }) => fromLoopwire(of(FAST), 'v1'),
    },
  },
  goals: [
    { of: 'loopwire', key: 'rate', against: 'ws', atLeast: 20 },
    { of: 'loopwire', key: 'rate', against: 'axum-send', atLeast: 6 },
  ],
};
