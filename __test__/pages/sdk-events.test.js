// The SDK's page as a program: its calls, its URL, its eight messages, with clients of other authors.
'use strict';

const http = require('node:http');
const net = require('node:net');
const loopwire = require('../..');
const { run, runNode } = require('../support/process/program.cjs');
const { connect, listeners } = require('../support/channel/client.cjs');
const { launch } = require('../support/chromium.cjs');
const { needs, tool } = require('../support/needs.cjs');

const start = listeners(loopwire);

/** The page's messages, as they stand there, and the calls that publish them here. */
const PAGE = [
  ['{"type":"restoreDone"}', 'restoreDone'],
  ['{"type":"settingPortChange","payload":"60000:20"}', 'settingPortChange', '60000:20'],
  ['{"type":"forwardListCompleted","payload":"request id"}', 'forwardListCompleted', 'request id'],
  [
    '{"type":"proxyError","payload":"677e2c4517f247bc89dd66a4:req_proxy_config_error@status:400|message:VALIDATE_FAILED"}',
    'proxyError',
    '677e2c4517f247bc89dd66a4:req_proxy_config_error@status:400|message:VALIDATE_FAILED',
  ],
  ['{"type":"portStateUpdate","payload":"60000"}', 'portStateUpdate', '60000'],
  ['{"type":"portRemoved","payload":"60000"}', 'portRemoved', '60000'],
  ['{"type":"log","payload":"debug message"}', 'log', 'debug message'],
  ['{"type":"httpError","payload":"HTTP Start error"}', 'httpError', 'HTTP Start error'],
];
const TEXTS = PAGE.map(([text]) => text);
const publish = () => PAGE.forEach(([, ...event]) => loopwire.emit(...event));

/** A free port: the page's own 8881 may be in use on this machine. */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('the callback gets a Buffer for each event, and its text is the JSON', async () => {
  const port = await freePort();
  const got = [];
  await new Promise((resolve) => {
    loopwire.startEventListener(port, 'abcd1234', (data) => {
      got.push(data);
      if (got.length === PAGE.length) resolve();
    });
    publish();
  });
  expect(got.map((data) => Buffer.isBuffer(data))).toEqual(TEXTS.map(() => true));
  expect(got.map((data) => data.toString())).toEqual(TEXTS);
});

test('`ws` at ws://127.0.0.1:{endpoint}/ws/{token} gets the eight messages to the byte', async () => {
  const listener = start({}, 'abcd1234');
  expect(listener.url).toBe(`ws://127.0.0.1:${listener.port}/ws/abcd1234`);
  const client = await connect(listener, { token: 'abcd1234' });
  publish();
  expect(await client.take(8)).toEqual(TEXTS);
  expect(await listener.events.take(8)).toEqual(TEXTS);
});

/** A client in another program: prints `open`, then each message, and closes after the eighth. */
async function expectPage(listener, child) {
  expect(await child.next()).toBe('open');
  publish();
  expect(await child.take(8)).toEqual(TEXTS);
  expect(await child.ended).toMatchObject({ code: 0 });
  expect(listener.connections()).toEqual([]);
}

needs('node22').test("Node's own WebSocket gets the eight messages to the byte", async () => {
  const listener = start();
  const code = `
    const ws = new WebSocket(${JSON.stringify(listener.url)});
    let left = 8;
    ws.onopen = () => console.log('open');
    ws.onmessage = ({ data }) => { console.log(data); if (--left === 0) ws.close(); };
    ws.onclose = ({ code }) => process.exit(code === 1005 ? 0 : 1);`;
  await expectPage(listener, run(tool('node22'), ['-e', code]));
});

needs('python-websockets').test("Python's websockets gets the eight messages", async () => {
  const listener = start();
  const code = `
import asyncio, sys
from websockets.asyncio.client import connect
async def main():
    async with connect(sys.argv[1]) as ws:
        print("open", flush=True)
        for _ in range(8):
            print(await ws.recv(), flush=True)
asyncio.run(main())`;
  await expectPage(listener, run(tool('python-websockets'), ['-c', code, listener.url]));
});

needs('chromium').test(
  'a page in Chromium gets the eight messages to the byte',
  async () => {
    const listener = start();
    const site = http.createServer((_, answer) => {
      answer.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title>');
    });
    await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${site.address().port}/`);
      await page.evaluate(async (url) => {
        window.got = [];
        const ws = new WebSocket(url);
        ws.addEventListener('message', ({ data }) => window.got.push(data));
        await new Promise((resolve) => ws.addEventListener('open', resolve));
      }, listener.url);
      publish();
      await page.waitForFunction(() => window.got.length === 8);
      expect(await page.evaluate(() => window.got)).toEqual(TEXTS);
    } finally {
      await browser.close();
      site.closeAllConnections();
      await new Promise((resolve) => site.close(resolve));
    }
  },
  60_000,
);

test('StartCommunicate(1, port, token) serves clients without a callback', async () => {
  const port = await freePort();
  expect(loopwire.startCommunicate(1, port, 'abcd1234')).toBe(0);
  const client = await connect({ port }, { token: 'abcd1234' });
  publish();
  expect(await client.take(8)).toEqual(TEXTS);
});

test('stopCommunicate closes every listener at once: 1001, port free, callback silent', async () => {
  const listener = start();
  const other = start();
  const clients = [await connect(listener), await connect(other)];
  loopwire.emit('log', 'heard');
  await listener.events.next();
  await other.events.next();
  expect(loopwire.stopCommunicate()).toBe(0);
  expect([listener.closed, other.closed]).toEqual([true, true]);
  loopwire.emit('log', 'not heard');
  for (const client of clients) {
    expect(await client.closed).toEqual({ code: 1001, reason: 'the listener is closing' });
  }
  await listener.close();
  const again = loopwire.startEventListener(listener.port, 'abcd1234', () => {});
  expect(again.port).toBe(listener.port);
  expect(listener.events.size).toBe(0);
});

test('only the last active connection receives events', async () => {
  const listener = start();
  const first = await connect(listener);
  loopwire.emit('portStateUpdate', '60000');
  expect(await first.next()).toBe('{"type":"portStateUpdate","payload":"60000"}');
  const second = await connect(listener);
  loopwire.emit('portStateUpdate', '60001');
  expect(await second.next()).toBe('{"type":"portStateUpdate","payload":"60001"}');
  expect(await first.settle()).toEqual([]);
});

test('the server binds to 127.0.0.1 alone', async () => {
  const { port, host } = start();
  expect(host).toBe('127.0.0.1');
  for (const address of ['127.0.0.2', '::1']) {
    const error = await new Promise((resolve) => {
      net.connect(port, address).on('error', resolve).on('connect', resolve);
    });
    expect(error?.code).toMatch(/^E(CONNREFUSED|ADDRNOTAVAIL|NETUNREACH)$/);
  }
});

test('the token can be another one when the channel starts again; the old one is refused', async () => {
  const first = start({}, 'abcd1234');
  await first.close();
  const second = loopwire.startEventListener(first.port, 'efgh5678', () => {});
  await expect(connect(second, { token: 'abcd1234' })).rejects.toThrow('401');
  await connect(second, { token: 'efgh5678' });
});

test('the token of the page works, with one warning that it is short', async () => {
  const child = runNode(`
    loopwire.startEventListener(0, 'abcd1234', () => {});
    loopwire.startEventListener(0, 'abcd1234', () => {});
    setImmediate(() => loopwire.stopCommunicate());`);
  const { code, errors } = await child.ended;
  expect(code).toBe(0);
  expect(errors.match(/LOOPWIRE_SHORT_TOKEN/g)).toHaveLength(1);
  expect(errors).not.toContain('abcd1234');
});
