// The rows of bulk traffic: alike but for the number of streams and the direction.
'use strict';
const { load } = require('./children.cjs');
const { subjects } = require('./subjects.cjs');

/** Long enough that the clock tick in which CPU time is given is a percent of it. */
const SECONDS = 2;

const GOALS = [
  { of: 'loopwire', key: 'mbs', against: 'haproxy', atLeast: 0.9 },
  { of: 'loopwire', key: 'mbs', against: 'proxy-chain', atLeast: 3 },
  { of: 'loopwire', key: 'cpu', against: 'haproxy', atMost: 1.2 },
  { of: 'loopwire-socks5', key: 'mbs', against: 'haproxy', atLeast: 0.9 },
];

/** MB/s, and CPU seconds of the proxy for each GB. */
async function measure(proxy, { quick }, options) {
  const seen = await load('bulk', proxy, { seconds: quick ? 0.3 : SECONDS, ...options });
  return {
    mbs: seen.bytes / seen.seconds / 1e6,
    cpu: proxy.pid && seen.cpu / (seen.bytes / 1e9),
  };
}

function bulk(name, title, options) {
  return {
    name,
    title,
    base: 'haproxy',
    columns: [
      { key: 'mbs', title: 'MB/s' },
      { key: 'cpu', title: 'CPU s/GB' },
    ],
    subjects: subjects((proxy, how) => measure(proxy, how, options)),
    goals: GOALS,
  };
}

module.exports = { bulk };
