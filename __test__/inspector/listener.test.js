// The option `inspector`: the page at `/inspect`, and what it is served with.
'use strict';

const loopwire = require('../..');
const { listeners, request, tokenOf } = require('../support/channel/client.cjs');

const start = listeners(loopwire);
const FILES = [
  '/inspect',
  '/inspect/inspector.js',
  '/inspect/inspector.css',
  '/inspect/terminal.js',
];

test('without the option there is no page', async () => {
  for (const listener of [start(), start({ inspector: false })]) {
    for (const file of FILES) {
      const { status, text } = await request(listener, 'GET', file);
      expect([status, JSON.parse(text).code]).toEqual([404, 'NOT_FOUND']);
    }
  }
});

test('with it the page comes without a token, compressed for those that take that', async () => {
  const listener = start({ inspector: true });
  const url = `http://127.0.0.1:${listener.port}`;
  for (const file of FILES) {
    const plain = await request(listener, 'GET', file);
    expect(plain.status).toBe(200);
    expect(plain.headers['content-encoding']).toBeUndefined();
    // It says the encoding that it takes, and decompresses.
    const fetched = await fetch(url + file);
    expect(fetched.headers.get('content-encoding')).toBe('gzip');
    expect(await fetched.text()).toBe(plain.text);
    const [policy, sources] = plain.headers['content-security-policy'].split('; connect-src ');
    expect(sources).toBe(`'self' ws://127.0.0.1:${listener.port}`);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(plain.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(plain.text).not.toContain(tokenOf(listener));
  }
});

test('what the page shows needs the token, as without the page', async () => {
  const listener = start({ inspector: true });
  for (const route of ['/ws/connections', '/metrics', '/ws', '/inspect/other']) {
    expect((await request(listener, 'GET', route)).status).toBe(401);
  }
  const { status } = await request(listener, 'GET', '/ws/connections', {
    token: tokenOf(listener),
    headers: { origin: `http://127.0.0.1:${listener.port}` },
  });
  expect(status).toBe(200);
});
