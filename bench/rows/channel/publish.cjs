// Row: what `publish` costs the source under load.
'use strict';
const client = require('../../lib/client.cjs');
const { BYTES } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const paths = require('../../lib/paths.cjs');

const COUNT = 2_000_000;

function peer(kind) {
  return ({ of }) => {
    const { publishCost } = require(paths.peers);
    publishCost(kind, 100_000, BYTES);
    return { ns: publishCost(kind, of(COUNT), BYTES) };
  };
}

async function publish(harness, count, threads = 1) {
  const { nsPerPublish } = await harness.publish({ threads, count: count / threads, bytes: BYTES });
  return { ns: nsPerPublish };
}

module.exports = {
  name: 'publish',
  title: 'cost of `publish` for the source under load, one consumer',
  base: 'broadcast',
  columns: [{ key: 'ns', title: 'ns/publish' }],
  subjects: {
    broadcast: { title: 'tokio broadcast', run: peer('broadcast') },
    mpsc: { title: 'tokio mpsc, unbounded', run: peer('mpsc') },
    deque: { title: 'VecDeque behind a mutex, woken when it was empty', run: peer('deque') },
    loopwire: {
      title: 'Loopwire, a loopwire.v1 client that counts',
      loopwire: true,
      run: async ({ of }) => {
        const { harness, port, v1: path } = await loopwire.start();
        await publish(harness, 100_000);
        // It may be overtaken (a loopwire.v1 client stays): only the source is measured here.
        const counting = client.connect({ port, path, events: of(COUNT) });
        await counting.open;
        return publish(harness, of(COUNT));
      },
    },
    'loopwire-callback': {
      title: 'Loopwire, a callback (which holds the source back)',
      loopwire: true,
      run: async ({ of }) => {
        const { harness } = await loopwire.start({ callback() {} });
        await publish(harness, 100_000);
        return publish(harness, of(COUNT));
      },
    },
    'loopwire-alone': {
      title: 'Loopwire, nobody listening',
      loopwire: true,
      run: async ({ of }) => {
        const { harness } = await loopwire.start();
        await publish(harness, 100_000);
        return publish(harness, of(COUNT));
      },
    },
  },
  goals: [{ of: 'loopwire', key: 'ns', atMost: 100 }],
};
