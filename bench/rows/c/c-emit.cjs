// Row: what publishing an event costs the application's thread, in a burst.
'use strict';
const { BURST, BURSTS, measure } = require('../../lib/bursts.cjs');
const { program } = require('../../lib/capi.cjs');
const loopwire = require('../../lib/loopwire.cjs');

const COUNT = BURSTS * BURST;

module.exports = {
  name: 'c-emit',
  title: 'publishing from the application, in bursts of 5,000 calls',
  base: 'deque',
  columns: [{ key: 'ns', title: 'ns/call' }],
  subjects: {
    deque: program('C: a copy into a deque, mutex and condvar', 'emit', 'deque', COUNT),
    ring: program('C: a copy into a ring without a lock', 'emit', 'ring', COUNT),
    loopwire: program('C: loopwire_emit, with a callback', 'emit', 'loopwire', COUNT),
    'loopwire-alone': program('C: loopwire_emit, nobody listening', 'emit', 'alone', COUNT),
    node: {
      title: 'Node: emit, with a callback',
      loopwire: true,
      async run({ of }) {
        let seen = 0;
        let emitted = 0;
        const started = await loopwire.start({ callback: () => seen++ });
        const { emit } = started.loopwire;
        const counted = (type, payload) => {
          emit(type, payload);
          emitted++;
        };
        return measure(of(BURSTS), counted, () => seen === emitted);
      },
    },
  },
  goals: [{ of: 'loopwire', key: 'ns', against: 'node', atMost: 1 }],
};
