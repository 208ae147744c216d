// Row: a lone event, from its publishing to the callback.
'use strict';
const { program } = require('../../lib/capi.cjs');
const { BYTES, age } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const { latency } = require('../../lib/stats.cjs');

const COUNT = 2000;

module.exports = {
  name: 'c-lone',
  title: 'a lone event, publish to callback',
  base: 'deque',
  columns: [
    { key: 'p50', title: 'p50 µs' },
    { key: 'p99', title: 'p99 µs' },
  ],
  subjects: {
    deque: program('C: a deque, mutex and condvar', 'lone', 'deque', COUNT),
    loopwire: program('C: loopwire_emit, loopwire_events', 'lone', 'loopwire', COUNT),
    node: {
      title: 'Node: native publisher, callback of JavaScript',
      loopwire: true,
      async run({ of }) {
        const ages = [];
        let arrived;
        const all = new Promise((resolve) => (arrived = resolve));
        const callback = (data) => {
          ages.push(age(data));
          if (ages.length === of(COUNT)) arrived();
        };
        const { harness } = await loopwire.start({ callback });
        await harness.lone({ count: of(COUNT), intervalUs: 1000, bytes: BYTES });
        await all;
        return latency(ages);
      },
    },
  },
  goals: [{ of: 'loopwire', key: 'p50', against: 'deque', atMost: 1.5 }],
};
