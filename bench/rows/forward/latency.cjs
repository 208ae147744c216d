// Row: what a proxy adds to the time of a message there and back, open loop.
'use strict';
const { load } = require('../../lib/forward/children.cjs');
const { names, subjects } = require('../../lib/forward/subjects.cjs');

const SECONDS = 4;

async function measure(proxy, { quick }) {
  const seconds = quick ? 0.5 : SECONDS;
  const seen = await load('latency', proxy, { seconds, direct: proxy.target });
  return {
    added50: seen.p50 - seen.direct50,
    added99: seen.p99 - seen.direct99,
    p50: seen.p50,
    direct50: seen.direct50,
  };
}

module.exports = {
  name: 'latency',
  title: '64 bytes there and back, 1,000 a second: what the proxy adds to the direct way',
  base: 'haproxy',
  columns: [
    { key: 'added50', title: 'added p50 µs' },
    { key: 'added99', title: 'added p99 µs' },
    { key: 'p50', title: 'p50 µs' },
    { key: 'direct50', title: 'direct p50 µs' },
  ],
  subjects: subjects(measure, { names: names.filter((name) => name !== 'direct') }),
  goals: [
    { of: 'loopwire', key: 'added50', against: 'haproxy', atMost: 1.3 },
    { of: 'loopwire-socks5', key: 'added50', against: 'haproxy', atMost: 1.3 },
  ],
};
