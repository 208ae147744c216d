// `loopwire ports`: the forwarded ports of a listener, and what can be done with them.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const loopwire = require('../..');
const { changes } = require('../../lib/cli/ports/watch.js');
const { freePort } = require('../support/channel/sockets.cjs');
const { Cutter } = require('../support/client/cutter.cjs');
const { when } = require('../support/needs.cjs');
const { finished, loopwire: command } = require('../support/process/command-line.cjs');
const { TOKEN, env, run, start } = require('../support/process/served.cjs');

const posix = when(process.platform !== 'win32', 'signals of Unix');
const linux = when(process.platform === 'linux', 'Linux');
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
async function forwarding(options) {
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
  const listener = loopwire.startEventListener(0, TOKEN, () => {}, options);
  loopwire.setAPIHost(pathToFileURL(proxies).href);
  loopwire.setRangePort(port, port);
  await loopwire.createWithId(port, 'a');
  return { port, listener, url: `ws://127.0.0.1:${listener.port}` };
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

/** Watches the ports, and has the lines of that. */
const watching = (url, ...more) => command(['ports', url, '--watch', ...more], { env });

posix.describe('with --watch', () => {
  test('each port comes at once, and again when it changes or goes', async () => {
    const { port, url } = await forwarding();
    const json = watching(url, '--json');
    expect(JSON.parse(await json.next())).toMatchObject({ port, online: true, proxyId: 'a' });
    const table = watching(url);
    expect(await table.next()).toMatch(/^PORT +STATE +LATENCY +CONNECTIONS +UPSTREAM +LAST ERROR$/);
    expect(await table.next()).toMatch(new RegExp(`^${port} +online +\\d+ ms +0 +http://\\S+ +-$`));
    await run(['ports', url, 'rotate', String(port)]);
    expect(JSON.parse(await json.next())).toMatchObject({ port, online: true, proxyId: 'b' });
    expect(await table.next()).toMatch(new RegExp(`^${port} +online `));
    // A connection is no change of state.
    const socket = net.connect(port, '127.0.0.1');
    servers.push({ close: () => socket.destroy() });
    await new Promise((resolve) => socket.once('connect', resolve));
    await run(['ports', url, 'remove', String(port)]);
    expect(JSON.parse(await json.next())).toEqual({ port, removed: true });
    expect(await table.next()).toMatch(new RegExp(`^${port} +removed +- +- +- +-$`));
    for (const [child, signal] of [
      [json, 'SIGINT'],
      [table, 'SIGTERM'],
    ]) {
      child.process.kill(signal);
      expect(await child.ended).toEqual({ code: 0, signal: null, errors: '' });
      expect(child.drain()).toEqual([]);
    }
  });

  test('what changes all the time is no reason for a line', () => {
    const known = new Map();
    const port = { port: 1, online: true, upstream: 'a', latencyMs: 1, connections: 0, streams: 0 };
    const busy = { ...port, latencyMs: 2, connections: 3, streams: 4 };
    const offline = { ...busy, online: false, lastError: 'upstream closed' };
    const looks = [[port], [busy], [offline, { ...port, port: 2 }], [offline], []];
    expect(looks.map((ports) => changes(known, ports))).toEqual([
      [port],
      [],
      [offline, { ...port, port: 2 }],
      [{ port: 2, removed: true }],
      [{ port: 1, removed: true }],
    ]);
  });

  test('what changed while the connection was lost is seen behind it', async () => {
    const cutter = await Cutter.before(0);
    servers.push(cutter);
    const { port, url, listener } = await forwarding({
      allowedHosts: [`127.0.0.1:${cutter.port}`],
    });
    cutter.redirect(listener.port);
    const child = watching(`ws://127.0.0.1:${cutter.port}`, '--json');
    expect(JSON.parse(await child.next())).toMatchObject({ port, proxyId: 'a' });
    cutter.refusing = true;
    cutter.cut();
    expect(await run(['ports', url, 'rotate', String(port)])).toMatchObject({ code: 0 });
    cutter.refusing = false;
    expect(JSON.parse(await child.next())).toMatchObject({ port, proxyId: 'b' });
    child.process.kill('SIGINT');
    expect(await child.ended).toMatchObject({ code: 0, errors: '' });
  });

  test('the end of the reader is its end, too, and the end of the listener is told', async () => {
    const { port, url, listener } = await forwarding();
    const child = start(['ports', url, '-w', '--json'], { input: '' });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    loopwire.removePort(port);
    expect(await child.ended).toMatchObject({ code: 0, errors: '' });
    const other = watching(url);
    await other.next();
    listener.rotateToken();
    const { code, errors } = await other.ended;
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining('rotated') });
  });

  test('an action has nothing to watch', async () => {
    const { code, out, errors } = await run(['ports', 'ws://127.0.0.1:1', 'rotate', '1', '-w']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(errors).toContain('--watch and rotate exclude each other');
  });
});

linux.test('a full disk is an error, also while it watches', async () => {
  const { port, url } = await forwarding();
  const full = { env, under: ['sh', '-c', 'exec "$@" > /dev/full', 'sh'] };
  const all = [[], ['--json'], ['--watch'], ['--watch', '--json'], ['rotate', String(port)]];
  for (const more of all) {
    const { code, errors } = await finished(['ports', url, ...more], full);
    expect({ more, code, errors }).toEqual({
      more,
      code: 1,
      errors: expect.stringMatching(/^loopwire: standard output cannot be written: ENOSPC.*\n$/),
    });
  }
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
