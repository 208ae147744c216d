// Row: full connections per second.
'use strict';
const { load } = require('../../lib/forward/children.cjs');
const { subjects } = require('../../lib/forward/subjects.cjs');

const SECONDS = 2;

async function measure(proxy, { quick }) {
  const seen = await load('connections', proxy, { seconds: quick ? 0.3 : SECONDS });
  return {
    rate: seen.done / seen.seconds,
    cpu: proxy.pid && (seen.cpu / seen.done) * 1e6,
    failed: seen.failed,
  };
}

module.exports = {
  name: 'connections',
  title: 'connect, handshake, one byte there and back, close; 64 at once',
  base: 'proxy-chain',
  columns: [
    { key: 'rate', title: 'per second' },
    { key: 'cpu', title: 'CPU µs each' },
    { key: 'failed', title: 'failed' },
  ],
  subjects: subjects(measure),
  goals: [
    { of: 'loopwire', key: 'rate', against: 'proxy-chain', atLeast: 2 },
    { of: 'loopwire-socks5', key: 'rate', against: 'proxy-chain', atLeast: 2 },
  ],
};
