// Row: `emit(type, payload)` from JavaScript, in bursts.
'use strict';
const { BYTES } = require('../../lib/event.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const { median } = require('../../lib/stats.cjs');
const paths = require('../../lib/paths.cjs');

/** Small enough for the journal's default bounds, callback and all. */
const BURST = 5000;
const BURSTS = 200;
const PAYLOAD = 'x'.repeat(BYTES - '{"type":"harness","payload":""}'.length);

/** The median burst's nanoseconds per call; between bursts the loop turns, and `settled` says when it may go on. */
async function measure(bursts, emit, settled = () => true) {
  const costs = [];
  // As many again, and half, before: compiled code and warm memory.
  for (let burst = 0; burst < bursts * 1.5; burst++) {
    const began = process.hrtime.bigint();
    for (let n = 0; n < BURST; n++) emit('harness', PAYLOAD);
    const nanoseconds = Number(process.hrtime.bigint() - began);
    if (burst >= bursts / 2) costs.push(nanoseconds / BURST);
    do await new Promise(setImmediate);
    while (!settled());
  }
  return { ns: median(costs) };
}

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
