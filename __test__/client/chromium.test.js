// The client in pages of Chromium: what a browser does not tell, and what it blocks.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { once } = require('node:events');
const { loopwire } = require('../support/harness.cjs');
const { launch } = require('../support/chromium.cjs');
const { listeners, tokenOf } = require('../support/channel/client.cjs');
const { needs } = require('../support/needs.cjs');

const start = listeners(loopwire);
const root = path.resolve(__dirname, '..', '..');

/** Serves the modules of the client, and a page with the policy that its query names. */
async function serve() {
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://page');
    if (pathname.startsWith('/client/') && !pathname.includes('..')) {
      response.setHeader('content-type', 'text/javascript');
      fs.createReadStream(path.join(root, pathname)).pipe(response);
      return;
    }
    const policy = searchParams.get('csp');
    if (policy) response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title>');
  });
  await once(server.listen(0), 'listening');
  return server;
}

const at = (listener) => ({ url: `ws://127.0.0.1:${listener.port}`, token: tokenOf(listener) });

needs('chromium').describe('a page in Chromium', () => {
  let browser;
  let site;
  let origin;

  beforeAll(async () => {
    site = await serve();
    origin = `http://127.0.0.1:${site.address().port}`;
    browser = await launch([
      '--host-resolver-rules=MAP foreign.test 127.0.0.1,MAP localhost 127.0.0.2',
      // What this one serves counts as a public page.
      `--ip-address-space-overrides=127.0.0.2:${site.address().port}=public`,
    ]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    site.closeAllConnections();
    await new Promise((resolve) => site.close(resolve));
  });

  /** A page that has the client; `csp` is its policy, `at` its origin. */
  async function open({ csp, from = origin } = {}) {
    const page = await browser.newPage();
    await page.goto(`${from}/?${new URLSearchParams(csp ? { csp } : {})}`);
    await page.evaluate(async () => {
      const { EventClient } = await import('/client/index.js');
      window.make = (options) => {
        window.states = [];
        window.events = [];
        window.client = new EventClient({ baseDelayMs: 1, maxDelayMs: 100, ...options });
        window.client.on('statechange', (state) => window.states.push(state));
        window.client.on('event', (event) => window.events.push(event));
        window.client.connect().catch(() => {});
      };
      window.until = (name) =>
        new Promise((resolve) => {
          const look = () => {
            const found = window.states.find((state) => state.name === name);
            if (found) resolve(found);
            else setTimeout(look, 10);
          };
          look();
        });
    });
    return {
      page,
      make: (options) => page.evaluate((options) => window.make(options), options),
      until: (name) => page.evaluate((name) => window.until(name), name),
    };
  }

  test('gets events, and the token is in no URL', async () => {
    const listener = start();
    const { page, make, until } = await open();
    const urls = [];
    page.on('websocket', (socket) => urls.push(socket.url()));
    await make(at(listener));
    await until('open');
    loopwire.emit('app:hello', 'page');
    await page.waitForFunction(() => window.events.length === 1);
    expect(await page.evaluate(() => window.events)).toEqual([
      { type: 'app:hello', payload: 'page', seq: 1 },
    ]);
    expect(urls.join()).not.toContain(tokenOf(listener));
  });

  test('is told that the token is wrong, and stops', async () => {
    const { make, until } = await open();
    await make({ ...at(start()), token: 'a-wrong-token' });
    expect((await until('closed')).reason).toEqual({
      code: 'UNAUTHORIZED',
      message: 'the token is missing or wrong',
      status: 401,
    });
  });

  test('is told that its origin is refused, and stops', async () => {
    const foreign = `http://foreign.test:${site.address().port}`;
    const { make, until } = await open({ from: foreign });
    const listener = start();
    await make(at(listener));
    const { reason } = await until('closed');
    expect(reason).toMatchObject({ code: 'ORIGIN_REFUSED', status: 403 });
    expect(reason.message).toContain(foreign);
    expect(reason.message).toContain('allowedOrigins');
  });

  test('is told that its policy blocks the connection, and stops', async () => {
    const { make, until } = await open({ csp: "connect-src 'self'" });
    const listener = start();
    await make(at(listener));
    expect((await until('closed')).reason).toEqual({
      code: 'CSP_BLOCKED',
      message: `the Content-Security-Policy of this page needs connect-src ws://127.0.0.1:${listener.port}`,
    });
  });

  test('is told the same without fetch', async () => {
    const { make, until } = await open({ csp: "connect-src 'self'" });
    await make({ ...at(start()), fetch: null });
    expect((await until('closed')).reason.code).toBe('CSP_BLOCKED');
  });

  test('whose policy allows the socket alone connects, and asks nothing twice', async () => {
    const { page, make, until } = await open({ csp: 'connect-src ws://127.0.0.1:*' });
    const listener = start();
    await page.evaluate(() => {
      window.violations = 0;
      addEventListener('securitypolicyviolation', () => (window.violations += 1), true);
    });
    await make({ ...at(listener), token: 'a-wrong-token', maxAttempts: 4 });
    const { reason } = await until('closed');
    expect(reason.code).toBe('CONNECT_FAILED');
    expect(await page.evaluate(() => window.violations)).toBe(2);
    await make(at(listener));
    await until('open');
  });

  test('is told that its user forbids it to connect to this machine, and stops', async () => {
    const at127 = `http://127.0.0.2:${site.address().port}`;
    const { page, make, until } = await open({ from: at127 });
    const session = await browser.newBrowserCDPSession();
    await session.send('Browser.setPermission', {
      permission: { name: 'local-network-access' },
      setting: 'denied',
      origin: at127,
    });
    const listener = start({ allowedOrigins: [at127] });
    await make(at(listener));
    expect((await until('closed')).reason.code).toBe('LOCAL_NETWORK_BLOCKED');
    expect(await page.evaluate(() => isSecureContext)).toBe(true);
  });

  test('waits for a listener that is not there yet', async () => {
    const listener = start();
    const { port } = listener;
    const options = at(listener);
    await listener.close();
    const { page, make, until } = await open();
    await make(options);
    expect((await until('waiting')).reason.code).toBe('UNREACHABLE');
    loopwire.startEventListener(port, options.token, () => {});
    await until('open');
    await page.evaluate(() => window.client.close());
    expect((await until('closed')).reason.code).toBe('CLOSED');
  });
});
