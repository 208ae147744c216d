// Row: `emit(type, payload)` from JavaScript, in bursts.
'use strict';
const { BURSTS, measure } = require('../../lib/bursts.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const paths = require('../../lib/paths.cjs');

module.exports = {
  name: 'emit',
  title: '`emit(type, payload)` from JavaScript, in a burst',
  base: 'strings',
  columns: [{ key: 'ns', title: 'ns/call' }],
  subjects: {
    strings: {
      title: 'two napi-rs Strings, JSON built from them',
      run: ({ of }) => measure(of(BURSTS), require(paths.peers).emitStrings),
    },
    stringify: {
      title: 'JSON.stringify and one napi-rs String',
      run: ({ of }) => {
        const { emitJson } = require(paths.peers);
        return measure(of(BURSTS), (type, payload) => emitJson(JSON.stringify({ type, payload })));
      },
    },
    loopwire: {
      title: 'Loopwire, with a callback',
      loopwire: true,
      run: async ({ of }) => {
        let emitted = 0;
        let seen = 0;
        const started = await loopwire.start({ callback: () => seen++ });
        const { emit } = started.loopwire;
        return measure(
          of(BURSTS),
          (type, payload) => {
            emit(type, payload);
            emitted++;
          },
          () => seen === emitted,
        );
      },
    },
    'loopwire-alone': {
      title: 'Loopwire, nobody listening',
      loopwire: true,
      run: async ({ of }) => {
        const { loopwire: api } = await loopwire.start();
        return measure(of(BURSTS), api.emit);
      },
    },
  },
  goals: [
    { of: 'loopwire', key: 'ns', atMost: 220 },
    { of: 'loopwire', key: 'ns', against: 'strings', atMost: 0.65 },
  ],
};
