// A program written from the SDK's public pages alone: every function works as there, and every event comes.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { socksUpstream } = require('../../examples/demo/upstreams.cjs');
const { freeRange } = require('../../examples/demo/ports.cjs');
const provider = require('../../examples/provider');
const { start } = require('../support/process/child.cjs');

const KEY = 'a-key-of-the-application';

/** What the program says until it ends, with a provider and a proxy behind it. */
async function ran() {
  const upstream = socksUpstream();
  await upstream.start();
  const list = ['HK', 'US', 'DE'].map((code, at) => ({
    id: `proxy-${at + 1}`,
    protocol: 'socks5',
    host: '127.0.0.1',
    port: upstream.port,
    country_code: code,
  }));
  const api = await provider.start({ list, key: KEY, base: '/sdk/v1' });
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-sdk-'));
  const taken = net.createServer();
  await new Promise((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const first = await freeRange(10);
  const args = [api.url, KEY, first, directory, first + 8, first + 9, taken.address().port];
  try {
    const child = start('forward/sdk', { args: args.map(String) });
    const events = [];
    for (;;) {
      const { event, results } = await child.next();
      if (event) events.push(event);
      if (results) {
        const ended = await child.ended;
        return { events, results, ended, first, requests: api.requests };
      }
    }
  } finally {
    await api.stop();
    await upstream.stop();
    taken.close();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

test('it runs, gets all eight events, and every function has its effect', async () => {
  const { events, results, ended, first, requests } = await ran();
  // The pages' own token is a short one, which is warned about.
  expect(ended).toMatchObject({ code: 0, errors: expect.stringContaining('LOOPWIRE_SHORT_TOKEN') });
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set([
      'restoreDone',
      'settingPortChange',
      'forwardListCompleted',
      'proxyError',
      'portStateUpdate',
      'portRemoved',
      'log',
      'httpError',
    ]),
  );
  const ends = events.filter(({ type }) => ['forwardListCompleted', 'proxyError'].includes(type));
  expect(ends.map(({ payload }) => payload)).toEqual([
    'proxy-1',
    'by-configs',
    'quick',
    'quick-at',
    'configured',
    'no-such-proxy:req_proxy_config_error@status:404|message:NOT_FOUND',
  ]);
  expect(results).toEqual({
    api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sdk\/v1$/),
    version: expect.stringMatching(/^loopwire\/\d+\.\d+\.\d+$/),
    byConfigs: [first + 1, first + 2],
    quick: [first + 3],
    configured: [first + 5],
    failed: 1,
    proxy: ['proxy-1', `127.0.0.1:${first}`, 'HK', true],
    forwarded: [0, 1, 2, 3, 4, 5],
    renew: [1, 60, 100],
    ports: [8, 2],
    from: [6, 7],
    free: [6, 7],
    available: [7],
    running: [1, 0],
    open: [0, 1],
    test: 1,
    http: { error: false, message: expect.any(String), data: [{ port: first, online: true }] },
    taken: 1,
  });
  // What went with each request to the provider.
  expect(requests.length).toBeGreaterThan(4);
  for (const { query, headers } of requests) {
    expect(query).toMatchObject({ 'api-key': KEY, user_country_code: 'HK' });
    expect(headers['x-client']).toBe('sdk-program');
  }
});
