// Fail closed: whatever happens to an upstream, packets go only to it.
'use strict';

const { run } = require('../../support/process/child.cjs');
const { needs, tool } = require('../../support/needs.cjs');
const {
  OTHER_UPSTREAM,
  RESOLVER,
  UPSTREAM,
} = require('../../support/forward/namespace/namespace.cjs');

/** A child makes a network, starts a Node and waits for several timeouts. */
const LONG_MS = 60_000;

/** Runs a fault in a network of its own. */
async function contained(fault, protocol) {
  const tools = JSON.stringify({ ip: tool('ip'), python: tool('python') });
  const under = [tool('unshare'), '--net', '--mount', '--'];
  const seen = await run('forward/containment', { args: [fault, protocol, tools], under });
  expect(seen.forwarded).toBe(0);
  // A packet that was not looked at proves nothing.
  expect(seen.dropped).toBe(0);
  return seen;
}

/** The flows that are neither a client with the port nor the port with its upstreams. */
function strays({ flows, ports }) {
  const places = new Set([
    `127.0.0.1:${ports.local}`,
    `${UPSTREAM}:${ports.one}`,
    `${OTHER_UPSTREAM}:${ports.two}`,
  ]);
  const expected = (flow) =>
    flow.interface === 'lo' &&
    flow.protocol === 'tcp' &&
    [`${flow.from}:${flow.fromPort}`, `${flow.to}:${flow.toPort}`].some((end) => places.has(end));
  return flows
    .filter((flow) => !expected(flow))
    .map(({ protocol, to, toPort, asked }) => `${protocol} ${to}:${toPort} ${asked}`.trim());
}

/** How many packets went to an upstream. */
const packetsTo = ({ flows }, host) =>
  flows.filter(({ to }) => to === host).reduce((sum, { packets }) => sum + packets, 0);

const network = needs('ip', 'python', 'unshare');

for (const protocol of ['http', 'socks5']) {
  network.describe(`through ${protocol}`, () => {
    test.each([
      'dead',
      'silent',
      'resets',
      'rubbish',
      'refuses',
      'midway',
      'unreachable',
      'removed',
      'shutdown',
      'failed rotation',
    ])(
      '%s: nothing leaves but to the upstream',
      async (fault) => {
        const seen = await contained(fault, protocol);
        expect(strays(seen)).toEqual([]);
        expect(packetsTo(seen, UPSTREAM)).toBeGreaterThan(0);
        // It was a fault: after it no client gets what it wants, except where the old upstream stays.
        const served = seen.after.filter((answer) => answer === 200);
        expect(served).toHaveLength(fault === 'failed rotation' ? 9 : 0);
      },
      LONG_MS,
    );

    test(
      'rotation: to the one upstream, then to the other, and nowhere else',
      async () => {
        const seen = await contained('rotation', protocol);
        expect(strays(seen)).toEqual([]);
        expect(packetsTo(seen, UPSTREAM)).toBeGreaterThan(0);
        expect(packetsTo(seen, OTHER_UPSTREAM)).toBeGreaterThan(0);
        expect(seen.after).toEqual(Array.from({ length: 9 }, () => 200));
      },
      LONG_MS,
    );

    test(
      'an upstream whose name is known no more: that name is asked for, and no other',
      async () => {
        const seen = await contained('unresolved', protocol);
        const query = `udp ${RESOLVER}:53 upstream.test`;
        expect(new Set(strays(seen))).toEqual(new Set([query]));
        expect(seen.after).not.toContain(200);
      },
      LONG_MS,
    );
  });
}

network.test(
  'what these tests look with sees what leaves: a `direct` entry is found out',
  async () => {
    const found = strays(await contained('direct', 'http'));
    expect(found).toContain('tcp 203.0.113.7:80');
    expect(found).toContain(`udp ${RESOLVER}:53 leak.test`);
  },
  LONG_MS,
);
