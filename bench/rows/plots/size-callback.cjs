// Curve: native events into a JavaScript callback that gets one Buffer each, against their size.
'use strict';
const { curve } = require('../../lib/plot/curve.cjs');
const { POINTS, QUANTITIES, overSizes } = require('../../lib/plot/sizes.cjs');
const loopwire = require('../../lib/loopwire.cjs');
const paths = require('../../lib/paths.cjs');

/** How long until so many events were seen. `attach` gets the callback; it resolves to what publishes. */
async function measurement(attach) {
  let left = 0;
  let arrived;
  const publish = await attach(() => {
    if (--left === 0) arrived(process.hrtime.bigint());
  });
  return async (count, bytes) => {
    left = count;
    const last = new Promise((resolve) => (arrived = resolve));
    const began = process.hrtime.bigint();
    const published = publish(count, bytes);
    const ended = await last;
    await published;
    return Number(ended - began) / 1e9;
  };
}

module.exports = curve({
  name: 'size-callback',
  title: 'native events into a JavaScript callback, against the bytes of their payload',
  base: 'tsfn',
  points: POINTS,
  quantities: QUANTITIES,
  subjects: {
    tsfn: {
      title: 'napi-rs thread-safe call',
      run: async (how) => {
        const peers = require(paths.peers);
        const measure = await measurement((callback) => {
          peers.onBuffer(callback);
          return (count, bytes) => peers.publish(count, bytes);
        });
        return overSizes(how, measure);
      },
    },
    loopwire: {
      title: 'Loopwire',
      loopwire: true,
      run: async (how) => {
        const measure = await measurement(async (callback) => {
          const { harness } = await loopwire.start({ callback });
          return (count, bytes) => harness.publish({ threads: 1, count, bytes });
        });
        return overSizes(how, measure);
      },
    },
  },
});
