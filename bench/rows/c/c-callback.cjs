// Row: events of one native thread into a callback of C, and of JavaScript, and through a queue without a library.
'use strict';
const { program } = require('../../lib/capi.cjs');
const { BYTES } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');

const COUNT = 2_000_000;

module.exports = {
  name: 'c-callback',
  title: 'events of one native thread into a callback',
  base: 'deque',
  columns: [
    { key: 'rate', title: 'M events/s' },
    { key: 'publisherNs', title: 'publisher CPU ns/event' },
    { key: 'processNs', title: 'process CPU ns/event' },
  ],
  subjects: {
    deque: program('C: copies in a deque, mutex and condvar', 'callback', 'deque', COUNT),
    ring: program('C: copies in a ring without a lock, yielding', 'callback', 'ring', COUNT),
    loopwire: program('C: loopwire_emit, loopwire_events', 'callback', 'loopwire', COUNT),
    node: {
      title: 'Node: native publisher, callback of JavaScript',
      loopwire: true,
      async run({ of }) {
        const count = of(COUNT);
        let seen = 0;
        let arrived;
        const all = new Promise((resolve) => (arrived = resolve));
        const callback = () => {
          if (++seen === count) arrived();
        };
        const { harness } = await loopwire.start({ callback });
        const before = harness.cpu();
        const began = process.hrtime.bigint();
        const published = harness.publish({ threads: 1, count, bytes: BYTES });
        await all;
        const seconds = Number(process.hrtime.bigint() - began) / 1e9;
        const after = harness.cpu();
        await published;
        return {
          rate: count / seconds / 1e6,
          processNs: ((after.processMs - before.processMs) * 1e6) / count,
        };
      },
    },
  },
  goals: [{ of: 'loopwire', key: 'rate', against: 'deque', atLeast: 1 }],
};
