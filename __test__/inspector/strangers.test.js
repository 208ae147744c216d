// The served page in Chromium: under each of its names it connects, and pages of strangers get nothing of it.
'use strict';

const http = require('node:http');
const { once } = require('node:events');
const loopwire = require('../..');
const { listeners, tokenOf } = require('../support/channel/client.cjs');
const { launch } = require('../support/chromium.cjs');
const { needs } = require('../support/needs.cjs');

const start = listeners(loopwire);
const LONG = 60_000;
/** Names that lead here: a stranger's, and those of an application. */
const NAMES = ['evil.example', 'my.test', 'a.wild.test'];

/** In a page: what it gets of the files. */
async function load(own) {
  const loaded = (tag, key, file) =>
    new Promise((resolve) => {
      const attributes = { [key]: `${own}/inspect/${file}`, rel: 'stylesheet' };
      const element = Object.assign(document.createElement(tag), attributes);
      element.addEventListener('load', () => resolve('loaded'));
      element.addEventListener('error', () => resolve('refused'));
      document.body.append(element);
    });
  const fetched = fetch(`${own}/inspect/inspector.js`, { mode: 'no-cors' });
  return {
    fetched: await fetched.then(
      () => 'loaded',
      () => 'refused',
    ),
    script: await loaded('script', 'src', 'inspector.js'),
    style: await loaded('link', 'href', 'inspector.css'),
  };
}

/** In a page: what it gets with the token. */
async function ask([own, token]) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ id: 'conn-1' });
  const socket = new WebSocket(`ws://${own}/ws`, ['loopwire.v1', `bearer.${token}`]);
  const opened = new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('refused')));
  });
  const answers = [
    fetch(`http://${own}/ws/connections`, { headers }),
    fetch(`http://${own}/ws/disconnect`, { method: 'POST', headers, body }),
    opened,
  ];
  return (await Promise.allSettled(answers)).map(({ status }) => status);
}

needs('chromium').describe('the page of a listener', () => {
  let browser;
  let context;
  let page;
  const servers = [];

  beforeAll(async () => {
    const rules = NAMES.map((name) => `MAP ${name} 127.0.0.1`).join(',');
    browser = await launch([`--host-resolver-rules=${rules}`]);
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
  });

  afterEach(async () => {
    await context.close();
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  const state = (name) => page.locator(`.state-${name}`).waitFor({ timeout: 20_000 });

  test.each([
    ['127.0.0.1', {}],
    ['localhost', {}],
    ['[::1]', { host: '::1' }],
    ['127.0.0.1', { tls: 'self-signed' }],
    ['my.test', { allowedHosts: ['my.test'] }],
  ])(
    'connects under %s with %j',
    async (name, options) => {
      const listener = start({ inspector: true, ...options });
      const scheme = options.tls ? 'https' : 'http';
      const violations = [];
      page.on(
        'console',
        (message) => message.type() === 'error' && violations.push(message.text()),
      );
      await page.goto(`${scheme}://${name}:${listener.port}/inspect#token=${tokenOf(listener)}`);
      await state('open');
      expect(listener.connections()).toMatchObject([{ form: 'sandbox', v1: true, slot: null }]);
      // Browsers take one of the headers from addresses alone that they trust, and complain elsewhere.
      const trusted = /Cross-Origin-Opener-Policy header has been ignored/;
      expect(violations.filter((text) => !trusted.test(text))).toEqual([]);
    },
    LONG,
  );

  test(
    'under the name of a wildcard the listener says what helps',
    async () => {
      const listener = start({ inspector: true, allowedHosts: ['*.wild.test'] });
      const url = `http://a.wild.test:${listener.port}`;
      await page.goto(`${url}/inspect#token=${tokenOf(listener)}`);
      await page.getByText('allowedHosts').first().waitFor({ timeout: 20_000 });
    },
    LONG,
  );

  /** A page of a stranger, which has the token, too. */
  async function stranger(name) {
    const server = http.createServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><body>'),
    );
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    await page.goto(`http://${name}:${server.address().port}/`);
  }

  test(
    'pages of strangers neither embed it, nor load its files, nor keep hold of its window',
    async () => {
      const listener = start({ inspector: true });
      const own = `http://127.0.0.1:${listener.port}`;
      // `localhost` may connect, but is another site.
      for (const name of ['evil.example', 'localhost']) {
        await stranger(name);
        const got = await page.evaluate(load, own);
        expect(got).toEqual({ fetched: 'refused', script: 'refused', style: 'refused' });
        await page.evaluate((own) => {
          const frame = Object.assign(document.createElement('iframe'), { src: `${own}/inspect` });
          document.body.append(frame);
          return new Promise((resolve) => frame.addEventListener('load', resolve));
        }, own);
        const [frame] = page.mainFrame().childFrames();
        expect(await frame.locator('#main').count()).toBe(0);
        const [opened] = await Promise.all([
          context.waitForEvent('page'),
          page.evaluate((own) => void (globalThis.opened = open(`${own}/inspect#token=x`)), own),
        ]);
        await opened.locator('#token').waitFor();
        expect(await opened.evaluate(() => globalThis.opener)).toBeNull();
        // The browser tells the other page some moments later.
        await page.waitForFunction(() => globalThis.opened.closed, undefined, { polling: 50 });
      }
      expect(listener.connections()).toEqual([]);
    },
    LONG,
  );

  test(
    'a name that a stranger lets lead here is refused, with the right token, too',
    async () => {
      const listener = start({ inspector: true });
      const token = tokenOf(listener);
      const rebound = `http://evil.example:${listener.port}`;
      expect((await page.goto(`${rebound}/inspect`)).status()).toBe(403);
      await stranger('evil.example');
      const own = `127.0.0.1:${listener.port}`;
      const got = await page.evaluate(ask, [own, token]);
      expect(got).toEqual(['rejected', 'rejected', 'rejected']);
    },
    LONG,
  );

  test(
    'a form of another page disconnects nobody',
    async () => {
      const listener = start({ inspector: true });
      const token = tokenOf(listener);
      const own = `http://127.0.0.1:${listener.port}`;
      const client = await context.newPage();
      await client.goto(`${own}/inspect#token=${token}`);
      await client.locator('.state-open').waitFor();
      // The text of a form that looks like JSON.
      for (const action of ['/ws/disconnect', `/ws/disconnect?token=${token}`]) {
        await stranger('localhost');
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.url().startsWith(own)),
          page.evaluate((action) => {
            const form = document.createElement('form');
            Object.assign(form, { action, method: 'post', enctype: 'text/plain' });
            const input = document.createElement('input');
            Object.assign(input, { name: '{"id":"conn-1","x":"', value: '"}' });
            form.append(input);
            document.body.append(form);
            form.submit();
          }, own + action),
        ]);
        expect(answer.status()).toBe(401);
        await page.waitForURL(own + action);
      }
      expect(listener.connections()).toHaveLength(1);
    },
    LONG,
  );

  test(
    'a page that is disconnected says so, and does not come back by itself',
    async () => {
      const listener = start({ inspector: true });
      await page.goto(`http://127.0.0.1:${listener.port}/inspect#token=${tokenOf(listener)}`);
      await state('open');
      const { opened } = listener.stats();
      expect(listener.disconnect(listener.connections()[0].id)).toBe(true);
      await state('closed');
      await page.getByText('The application has disconnected this page.').first().waitFor();
      await page.clock.install();
      await page.clock.runFor(10 * 60_000);
      expect(listener.stats().opened).toBe(opened);
    },
    LONG,
  );
});
