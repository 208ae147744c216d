// Curve: how old an event is when a WebSocket client has it, against the rate at which an application publishes.
'use strict';
const client = require('../../lib/client.cjs');
const { BYTES, now, payload, stamped } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const servers = require('../../lib/node-servers.cjs');
const { curve } = require('../../lib/plot/curve.cjs');

/** Events per second that are asked for; what is reached is measured. */
const POINTS = [100, 1000, 10_000, 30_000, 100_000, 300_000, 1_000_000];
const SECONDS = 0.5;
/** At low rates it takes longer, so that there is a percentile to speak of. */
const FEWEST = 100;
/** A journal of these rows holds them all: no client is overtaken. */
const MOST = 400_000;
/** The loop turns after so many events, however far behind it is. */
const PER_TURN = 1000;

/** Open loop: each event is sent when it is due, or as soon after that as the event loop comes to it. */
function publish(count, rate, send) {
  const began = now();
  let sent = 0;
  return new Promise((resolve) => {
    const turn = () => {
      const due = Math.floor((Number(now() - began) / 1e9) * rate) + 1;
      const until = Math.min(count, due, sent + PER_TURN);
      for (; sent < until; sent++) send(stamped(BYTES));
      if (sent < count) setImmediate(turn);
      else resolve(count / (Number(now() - began) / 1e9));
    };
    turn();
  });
}

async function overRates({ quick }, address, send) {
  const figures = new Map();
  for (const point of POINTS) {
    const wanted = Math.max(FEWEST, Math.min(MOST, point * SECONDS));
    const count = quick ? Math.ceil(wanted / 10) : wanted;
    const counting = client.connect({ ...address, events: count, lone: true });
    await counting.open;
    const rate = await publish(count, point, send);
    const { p50, p99 } = await counting.result;
    figures.set(point, { rate, p50: p50 / 1e3, p99: p99 / 1e3 });
  }
  return figures;
}

module.exports = curve({
  name: 'rate',
  title: 'from publishing to a client, against the events per second that an application publishes',
  base: 'ws',
  points: POINTS,
  quantities: [
    { key: 'rate', title: 'events/s reached' },
    { key: 'p50', title: 'p50 µs' },
    { key: 'p99', title: 'p99 µs' },
  ],
  subjects: {
    ws: {
      title: '`ws`',
      run: async (how) => {
        const { port, send } = await servers.toOneOfWs();
        return overRates(how, { port }, send);
      },
    },
    bun: {
      title: 'Bun',
      bun: true,
      run: (how) => {
        const { port, send } = servers.toOneOfBun();
        return overRates(how, { port }, send);
      },
    },
    loopwire: {
      title: 'Loopwire',
      loopwire: true,
      run: async (how) => {
        const started = await loopwire.start({ journal: loopwire.ROOMY });
        const { emit } = started.loopwire;
        const { port, path } = started;
        return overRates(how, { port, path }, (json) => emit('harness', payload(json)));
      },
    },
  },
});
