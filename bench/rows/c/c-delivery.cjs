// Row: events that are there already into a callback: what the way out of the journal, or of a queue, takes alone.
'use strict';
const { program } = require('../../lib/capi.cjs');
const { BYTES } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const { median } = require('../../lib/stats.cjs');

const ROUNDS = 50;
/** As in bench.c: below the mark at which sources are asked to slow down. */
const FILL = 40_000;

module.exports = {
  name: 'c-delivery',
  title: '40,000 events that exist already into a callback',
  base: 'deque',
  columns: [{ key: 'rate', title: 'M events/s' }],
  subjects: {
    deque: program('C: a deque, mutex and condvar', 'delivery', 'deque', ROUNDS * FILL),
    ring: program('C: a ring without a lock', 'delivery', 'ring', ROUNDS * FILL),
    loopwire: program('C: loopwire_events', 'delivery', 'loopwire', ROUNDS * FILL),
    node: {
      title: 'Node: callback of JavaScript',
      loopwire: true,
      async run({ of }) {
        let seen = 0;
        let arrived;
        const callback = () => {
          if (++seen === FILL) arrived();
        };
        const {
          harness: { fill },
        } = await loopwire.start({ callback });
        const costs = [];
        for (let round = 0; round < of(ROUNDS); round++) {
          seen = 0;
          const all = new Promise((resolve) => (arrived = resolve));
          const taken = fill({ count: FILL, bytes: BYTES });
          if (taken !== FILL) throw new Error(`${taken} events were taken`);
          const began = process.hrtime.bigint();
          await all;
          costs.push(Number(process.hrtime.bigint() - began));
        }
        return { rate: (FILL * 1e3) / median(costs) };
      },
    },
  },
  goals: [
    { of: 'loopwire', key: 'rate', against: 'deque', atLeast: 1 },
    { of: 'loopwire', key: 'rate', against: 'node', atLeast: 1 },
  ],
};
