// Row: forwarding while JavaScript is blocked.
'use strict';
const { load, loadBlocking, origin } = require('../../lib/forward/children.cjs');
const { local } = require('../../lib/forward/local.cjs');

/** How long JavaScript is blocked, at least, for each of the three figures. */
const SECONDS = 5;

/** All three with one way to run a generator. */
async function measure(run, { quick }) {
  const proxy = await local(await origin());
  const seconds = quick ? 0.3 : SECONDS;
  const bulk = await run('bulk', proxy, { seconds, streams: 8 });
  const connections = await run('connections', proxy, { seconds });
  const latency = await run('latency', proxy, { seconds, direct: proxy.target });
  return {
    mbs: bulk.bytes / bulk.seconds / 1e6,
    rate: connections.done / connections.seconds,
    added50: latency.p50 - latency.direct50,
  };
}

module.exports = {
  name: 'blocked',
  title: 'the JavaScript thread blocked for five seconds, three times',
  base: 'free',
  columns: [
    { key: 'mbs', title: 'MB/s' },
    { key: 'rate', title: 'connections/s' },
    { key: 'added50', title: 'added p50 µs' },
  ],
  subjects: {
    free: {
      title: 'Loopwire, JavaScript free',
      loopwire: 'shipped',
      run: (how) => measure(load, how),
    },
    blocked: {
      title: 'Loopwire, JavaScript blocked',
      loopwire: 'shipped',
      run: (how) => measure(loadBlocking, how),
    },
  },
  // No effect, but for what two rounds on a shared machine differ by.
  goals: [
    { of: 'blocked', key: 'mbs', against: 'free', atLeast: 0.9 },
    { of: 'blocked', key: 'rate', against: 'free', atLeast: 0.9 },
  ],
};
