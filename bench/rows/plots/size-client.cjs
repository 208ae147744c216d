// Curve: events published live from one thread to one WebSocket client that only counts, against their size.
'use strict';
const client = require('../../lib/client.cjs');
const { now, numbered } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const { curve } = require('../../lib/plot/curve.cjs');
const { POINTS, QUANTITIES, overSizes } = require('../../lib/plot/sizes.cjs');

/** How long from the first publish to the last byte of a client of its own. */
function measurement(address, publish) {
  return async (count, bytes) => {
    const counting = client.connect({ ...address, events: count });
    await counting.open;
    const began = now();
    await publish(count, bytes);
    const { last } = await counting.result;
    return Number(last - began) / 1e9;
  };
}

/** The same for a server that publishes from its event loop. */
const fromLoop = ({ port, publish }) =>
  measurement({ port }, (count, bytes) => publish(count, (n) => numbered(n, bytes)));

module.exports = curve({
  name: 'size-client',
  title: 'live events to one WebSocket client, against the bytes of their payload',
  base: 'ws',
  points: POINTS,
  quantities: QUANTITIES,
  subjects: {
    ws: {
      title: '`ws`',
      run: async (how) => overSizes(how, fromLoop(await servers.toOneOfWs())),
    },
    bun: {
      title: 'Bun',
      bun: true,
      run: (how) => overSizes(how, fromLoop(servers.toOneOfBun())),
    },
    loopwire: {
      title: 'Loopwire',
      loopwire: true,
      run: async (how) => {
        const { ROOMY, touch } = loopwire;
        const { harness, port, path } = await loopwire.start({ journal: ROOMY });
        await touch(harness, ROOMY, 120);
        const measure = measurement({ port, path }, (count, bytes) =>
          harness.publish({ threads: 1, count, bytes }),
        );
        return overSizes(how, measure);
      },
    },
  },
});
