// `loopwire ports`: the forwarded ports of a listener, and what can be done with them.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const loopwire = require('../..');
const { freePort } = require('../support/channel/sockets.cjs');
const { TOKEN, run } = require('../support/process/served.cjs');

const PASSWORD = 'a-password-that-nobody-may-see';

/** A proxy that lets everybody through, as far as a check can see. */
async function proxy() {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return server.address().port;
}

const servers = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A listener with one port that is forwarded through `a`; there is `b`, too. */
async function forwarding() {
  const port = await freePort();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-ports-'));
  servers.push({ close: () => fs.rmSync(folder, { recursive: true, force: true }) });
  const list = ['a', 'b'].map(async (id) => ({
    id,
    protocol: 'http',
    host: '127.0.0.1',
    port: await proxy(),
  }));
  const proxies = path.join(folder, 'proxies.json');
  fs.writeFileSync(proxies, JSON.stringify(await Promise.all(list)));
  const listener = loopwire.startEventListener(0, TOKEN, () => {});
  loopwire.setAPIHost(pathToFileURL(proxies).href);
  loopwire.setRangePort(port, port);
  await loopwire.createWithId(port, 'a');
  return { port, url: `ws://127.0.0.1:${listener.port}` };
}

test('they are a table, or one JSON text each', async () => {
  const { port, url } = await forwarding();
  const table = await run(['ports', url]);
  expect(table).toMatchObject({ code: 0, errors: '' });
  expect(table.out).toMatch(
    new RegExp(
      `^PORT +STATE +LATENCY +CONNECTIONS +UPSTREAM +LAST ERROR\\n${port} +online +\\d+ ms +0 +http://\\S+ +-\\n$`,
    ),
  );
  const json = await run(['ports', url, '--json']);
  expect(json.out.endsWith('}\n')).toBe(true);
  expect(JSON.parse(json.out)).toMatchObject({ port, online: true, proxyId: 'a', connections: 0 });
});

test('one gets another upstream, or is removed', async () => {
  const { port, url } = await forwarding();
  const rotated = await run(['ports', url, 'rotate', String(port)]);
  expect(rotated).toMatchObject({ code: 0, errors: '' });
  expect(rotated.out).toMatch(
    new RegExp(`^port ${port} has the upstream \\S+ now \\(b, \\d+ ms\\)\\n$`),
  );
  const again = await run(['ports', url, 'rotate', String(port), '--json']);
  expect(JSON.parse(again.out)).toMatchObject({ port, proxyId: 'a' });
  expect(await run(['ports', url, 'remove', String(port)])).toMatchObject({
    code: 0,
    out: `port ${port} is removed\n`,
  });
  expect(await run(['ports', url, 'remove', String(port)])).toMatchObject({
    code: 0,
    out: `nothing was forwarded on port ${port}\n`,
  });
  expect(await run(['ports', url])).toMatchObject({ code: 0, out: 'no port is forwarded\n' });
  expect(await run(['ports', url, '--json'])).toMatchObject({ code: 0, out: '' });
  expect(await run(['ports', url, 'rotate', String(port)])).toMatchObject({
    code: 1,
    out: '',
    errors: expect.stringContaining(`nothing is forwarded on port ${port}`),
  });
});

test('a password of an upstream is not shown', async () => {
  const port = await freePort();
  const listener = loopwire.startEventListener(0, TOKEN, () => {});
  const behind = await proxy();
  loopwire.setRangePort(port, port);
  const upstream = `http://user:${PASSWORD}@127.0.0.1:${behind}`;
  await loopwire.forward({ port, upstream });
  const url = `ws://127.0.0.1:${listener.port}`;
  for (const args of [[], ['--json']]) {
    const { code, out, errors } = await run(['ports', url, ...args]);
    expect(code).toBe(0);
    expect(out).toContain(String(behind));
    expect(out + errors).not.toContain(PASSWORD);
  }
});

test.each([
  [['rotat', '1'], 'did you mean rotate?'],
  [['xyz', '1'], 'there are rotate and remove'],
  [['rotate'], 'PORT is missing'],
  [['rotate', '0'], 'PORT must be a whole number from 1 to 65535'],
  [['rotate', '1', '2'], 'one argument too many'],
])('%j is not understood: %s', async (args, sentence) => {
  const { code, out, errors } = await run(['ports', 'ws://127.0.0.1:1', ...args]);
  expect({ code, out, errors }).toEqual({
    code: 2,
    out: '',
    errors: expect.stringContaining(sentence),
  });
});

test('without a listener there is one sentence', async () => {
  expect(await run(['ports', 'ws://127.0.0.1:1'])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(
      /^loopwire: ws:\/\/127\.0\.0\.1:1: nothing listens on this port \(ECONNREFUSED\)\n$/,
    ),
  });
});
