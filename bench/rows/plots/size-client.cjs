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

module.exports = curve({
  name: 'size-client',
  title: 'live events to one WebSocket client, against the bytes of their payload',
  base: 'ws',
  points: POINTS,
  quantities: QUANTITIES,
  subjects: {
    ws: {
      title: '`ws`',
      run: async (how) => {
        let socket;
        const port = await servers.ws((opened) => (socket = opened));
        const measure = measurement({ port }, (count, bytes) =>
          servers.publishFromLoop(
            count,
            (n) => socket.send(numbered(n, bytes)),
            () => socket.bufferedAmount > 1024 * 1024,
          ),
        );
        return overSizes(how, measure);
      },
    },
    bun: {
      title: 'Bun',
      bun: true,
      run: (how) => {
        let socket;
        const port = servers.bun(
          (opened) => (socket = opened),
          () => {},
        );
        const measure = measurement({ port }, (count, bytes) =>
          servers.publishFromLoop(
            count,
            (n) => socket.send(numbered(n, bytes)),
            () => socket.getBufferedAmount() > 1024 * 1024,
          ),
        );
        return overSizes(how, measure);
      },
    },
    loopwire: {
      title: 'Loopwire',
      loopwire: true,
      run: async (how) => {
        const { ROOMY, ROUND } = loopwire;
        const { harness, port, path } = await loopwire.start({ journal: ROOMY });
        await harness.publish({ threads: 1, count: ROUND, bytes: 120 });
        const measure = measurement({ port, path }, (count, bytes) =>
          harness.publish({ threads: 1, count, bytes }),
        );
        return overSizes(how, measure);
      },
    },
  },
});
