// `loopwire serve`: its URL, its token, its events, and how it stops.
'use strict';

const { spawnSync } = require('node:child_process');
const { X509Certificate, generateKeyPairSync } = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../..');
const { Client, connect, request } = require('../support/channel/client.cjs');
const { file, finished, loopwire: command } = require('../support/process/command-line.cjs');
const { when } = require('../support/needs.cjs');
const { until } = require('../support/until.cjs');
const WebSocket = require('ws');

const TOKEN = 'a-token-for-the-tests';
const env = { LOOPWIRE_TOKEN: TOKEN };
const posix = when(process.platform !== 'win32', 'signals of Unix');
const LONG = 90_000;

/** A server that is ready: what it says of itself, and its process. */
async function serving(args = [], options = { env }) {
  const child = command(['serve', '--json', ...args], options);
  const facts = JSON.parse(await child.next());
  return { child, facts, port: facts.port, token: facts.token ?? TOKEN };
}

/** Who may get in with a token. */
const status = async (server, token) =>
  (await request(server, 'GET', '/ws/connection', { token })).status;

test('it prints the URL as one line of JSON, and accepts clients that have the token', async () => {
  const server = await serving();
  expect(server.facts).toEqual({
    type: 'listening',
    url: `ws://127.0.0.1:${server.port}/ws`,
    host: '127.0.0.1',
    port: expect.any(Number),
    pid: server.child.process.pid,
  });
  expect(await status(server, TOKEN)).toBe(200);
  expect(await status(server, 'another-token-than-that')).toBe(401);
});

test('without a token one is generated and printed once', async () => {
  const first = await serving([], {});
  const second = await serving([], {});
  expect(first.token).toMatch(/^[\w-]{43}$/);
  expect(second.token).not.toBe(first.token);
  expect(await status(first, first.token)).toBe(200);
  const client = await connect(first, { form: 'bearer', token: first.token });
  await client.close();
  first.child.process.kill('SIGTERM');
  const { errors } = await first.child.ended;
  expect(errors + first.child.drain().join('')).not.toContain(first.token);
});

test('for a person it is text, with the token only where it was generated', async () => {
  const generated = command(['serve', '--pretty'], {});
  const [url, token] = await generated.take(2);
  expect(url).toMatch(/^connect to {3}ws:\/\/127\.0\.0\.1:\d+\/ws$/);
  const port = Number(new URL(url.split(/\s+/).at(-1)).port);
  expect(token).toMatch(/^token {8}[\w-]{43}$/);
  expect(await status({ port }, token.split(/\s+/).at(-1))).toBe(200);
  const given = command(['serve', '--pretty', '-p', '0'], { env });
  expect(await given.next()).toMatch(/^connect to /);
  expect(await given.next()).toMatch(/^events {7}loopwire tail ws:\/\/127\.0\.0\.1:\d+$/);
  given.process.kill('SIGTERM');
  await given.ended;
  expect(given.drain()).toEqual([]);
});

test('a token from a file takes precedence over that of the environment', async () => {
  const other = 'the-token-of-the-file';
  const server = await serving(['--token-file', file('token', `${other}\n`)]);
  expect(await status(server, other)).toBe(200);
  expect(await status(server, TOKEN)).toBe(401);
});

test('it shows events, those of the forward engine with their details', async () => {
  const free = await freePort();
  const proxies = file('proxies.json', JSON.stringify([{ id: 'mine', protocol: 'direct' }]));
  const { child } = await serving(['--proxies', proxies, '--forward', `${free}=mine`]);
  const events = (await child.until((line) => line.includes('forwardListCompleted'))).map((line) =>
    JSON.parse(line),
  );
  expect(events.map(({ type, payload }) => [type, payload])).toEqual([
    ['settingPortChange', `${free}:1`],
    ['portStateUpdate', String(free)],
    ['forwardListCompleted', 'mine'],
  ]);
  expect(events[1].data).toMatchObject({ port: free, online: true });
});

test('tail sees what serve shows', async () => {
  const free = await freePort();
  const proxies = file('proxies.json', JSON.stringify([{ id: 'mine', protocol: 'direct' }]));
  const server = await serving(['--proxies', proxies, '--forward', `${free}=mine`]);
  const shown = await server.child.until((line) => line.includes('forwardListCompleted'));
  const args = ['tail', server.facts.url, '--replay', '--count', '3'];
  const { lines } = await finished(args, { env });
  const bare = lines.map((line) => line.replace(/,"seq":\d+\}$/, '}'));
  expect(bare).toEqual(shown);
});

/** A port that nobody uses, apart from those that systems hand out for outgoing connections. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (loopwire.checkPortAvailable(port) === 1) return port;
  }
}

describe('what cannot be', () => {
  test('a port that is taken is named', async () => {
    const holder = net.createServer();
    await new Promise((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address();
    const { code, errors, lines } = await finished(['serve', '--port', String(port)], { env });
    expect(errors).toBe(
      `loopwire: port ${port} of 127.0.0.1 is in use: choose another one, or --port 0 for any free port\n`,
    );
    expect({ code, lines }).toEqual({ code: 1, lines: [] });
    await new Promise((resolve) => holder.close(resolve));
  });

  const missing = path.join(os.tmpdir(), 'loopwire-is-not-here');

  test.each([
    ['an address for everybody', () => ['--host', '0.0.0.0'], '--tls-self-signed'],
    ['an address that is none', () => ['--host', 'not an address'], 'host'],
    [
      'an address of another machine',
      () => ['--host', '203.0.113.7', '--insecure'],
      'is not an address of this machine',
    ],
    ['a workspace that is missing', () => ['--workspace', missing], 'there is no directory'],
    ['a workspace that is a file', () => ['--workspace', file('f', '')], 'is not a directory'],
    [
      'a certificate that is missing',
      () => ['--tls-cert', missing, '--tls-key', missing],
      '--tls-cert: ENOENT',
    ],
    ['a list that is missing', () => ['--proxies', missing], '--proxies: ENOENT'],
    [
      'a list that is not JSON',
      () => ['--proxies', file('p', '{"password":"secret"')],
      'is not JSON',
    ],
    [
      'a list that is an object',
      () => ['--proxies', file('p', '{"password":"secret"}')],
      'is not a list',
    ],
    ['an allowed host that is none', () => ['--allowed-host', 'http://x/'], 'allowedHosts'],
    [
      'a proxy that is unknown',
      () => ['--proxies', file('p', '[]'), '--forward', '29999=nobody'],
      'port 29999 is not forwarded: ',
    ],
  ])('%s is told in one sentence', async (_, args, sentence) => {
    const { code, errors } = await finished(['serve', ...args()], { env });
    expect(errors).toMatch(/^loopwire: [^\n]+\n$/);
    expect(errors).toContain(sentence);
    expect(errors).not.toContain('secret');
    expect(code).toBe(1);
  });
});

test('an allowed host and an allowed origin are let in, others are not', async () => {
  const server = await serving([
    '--allowed-host',
    'sandbox.example',
    '--allowed-origin',
    'https://app.example',
    '--allowed-origin',
    'app://mine',
  ]);
  const from = async (headers) =>
    (await request(server, 'GET', '/ws/connection', { token: TOKEN, headers })).status;
  expect(await from({ host: `sandbox.example:${server.port}` })).toBe(200);
  expect(await from({ host: `other.example:${server.port}` })).toBe(403);
  expect(await from({ origin: 'https://app.example' })).toBe(200);
  expect(await from({ origin: 'app://mine' })).toBe(200);
  expect(await from({ origin: 'https://other.example' })).toBe(403);
});

test('--heartbeat says how often clients are pinged, in seconds', async () => {
  const server = await serving(['--heartbeat', '2']);
  const client = await connect(server, { form: 'bearer', token: TOKEN, flags: 'v=1' });
  const { data } = JSON.parse(await client.next());
  expect(data.heartbeatMs).toBe(2_000);
});

test('an address for everybody is served where that is allowed', async () => {
  const { facts } = await serving(['--host', '0.0.0.0', '--insecure']);
  expect(facts).toMatchObject({ host: '0.0.0.0', url: `ws://127.0.0.1:${facts.port}/ws` });
});

posix.test('SIGINT, SIGTERM and SIGHUP stop it: clients are closed, ports are free', async () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    const server = await serving();
    const client = await connect(server, { form: 'bearer', token: TOKEN });
    server.child.process.kill(signal);
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await server.child.ended).toMatchObject({ code: 0, signal: null });
    expect(loopwire.checkPortAvailable(server.port)).toBe(1);
  }
});

posix.test('a reader of its output that leaves stops it', async () => {
  const free = await freePort();
  const proxies = file('proxies.json', JSON.stringify([{ id: 'mine', protocol: 'direct' }]));
  const child = command(['serve', '--json', '--proxies', proxies, '--forward', `${free}=mine`], {
    env,
  });
  child.process.stdout.destroy();
  expect(await child.ended).toMatchObject({ code: 0, signal: null, errors: '' });
});

test('a URL of serve and a token are all that a client of another kind needs', async () => {
  const { facts } = await serving();
  const client = new Client(new WebSocket(`${facts.url}?token=${TOKEN}`));
  client.socket.once('open', () => client.send({ type: 'ping' }));
  expect(await client.json()).toMatchObject({ type: 'pong' });
});

const bring = (server, command, data) =>
  connect(server, { form: 'bearer', token: TOKEN, flags: 'v=1' }).then(async (client) => {
    client.send({ type: command, data });
    return client;
  });

posix.describe('with a workspace', () => {
  const folder = () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-serve-'));
    folders.push(dir);
    return dir;
  };
  const folders = [];
  afterAll(() => {
    for (const dir of folders) fs.rmSync(dir, { recursive: true, force: true });
  });

  test(
    'commands run in it, and cannot read the token',
    async () => {
      const dir = folder();
      const server = await serving(['--workspace', dir]);
      expect(server.facts.workspace).toBe(dir);
      const client = await bring(server, 'terminal:execute', {
        command: 'pwd; env',
        cwd: dir,
        id: 't',
      });
      let output = '';
      const all = await client.until((text) => text.includes('"terminal:exit"'));
      for (const { type, data } of all.map((text) => JSON.parse(text))) {
        if (type === 'terminal:output') output += data.output;
      }
      expect(output).toContain(fs.realpathSync(dir));
      expect(output).toContain('PATH=');
      expect(output).not.toContain('LOOPWIRE_TOKEN');
      expect(output).not.toContain(TOKEN);
    },
    LONG,
  );

  test(
    'a signal ends what runs in it',
    async () => {
      const dir = folder();
      const server = await serving(['--workspace', dir]);
      const client = await bring(server, 'terminal:execute', {
        command: 'echo $$; sleep 600',
        cwd: dir,
        id: 't',
      });
      const all = await client.until((text) => text.includes('"terminal:output"'));
      const pid = Number(JSON.parse(all.at(-1)).data.output);
      expect(spawnSync('kill', ['-0', String(pid)]).status).toBe(0);
      server.child.process.kill('SIGINT');
      expect(await server.child.ended).toMatchObject({ code: 0, signal: null });
      expect(spawnSync('kill', ['-0', String(pid)]).status).not.toBe(0);
    },
    LONG,
  );

  test(
    'a second signal ends at once what the first one could not',
    async () => {
      const dir = folder();
      const server = await serving(['--workspace', dir]);
      const stubborn = `trap '' TERM HUP INT; echo $$; while :; do sleep 1; done`;
      const client = await bring(server, 'terminal:execute', {
        command: stubborn,
        cwd: dir,
        id: 't',
      });
      const all = await client.until((text) => text.includes('"terminal:output"'));
      const pid = Number(JSON.parse(all.at(-1)).data.output);
      server.child.process.kill('SIGTERM');
      await server.child.complaints.pass((line) => line.includes('a second signal stops at once'));
      server.child.process.kill('SIGTERM');
      const { code } = await server.child.ended;
      // 0 where this machine needed longer for the second signal than the workspace for its end.
      expect([0, 143]).toContain(code);
      // Its guardian may need a moment.
      await until(
        () => spawnSync('kill', ['-0', String(pid)]).status !== 0,
        'the guardian has ended',
      );
    },
    LONG,
  );
});

/** What tail has of the three events that a forwarded port brings. */
const tail = ({ facts }, more) =>
  finished(['tail', facts.url, '--replay', '--count', '3', ...more], { env });

/** A key that belongs to no certificate. */
const otherKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });

/** A server with an event that a tail can have at once. */
async function withEvent(args) {
  const free = await freePort();
  const proxies = file('proxies.json', JSON.stringify([{ id: 'mine', protocol: 'direct' }]));
  const server = await serving([...args, '--proxies', proxies, '--forward', `${free}=mine`]);
  await server.child.until((line) => line.includes('forwardListCompleted'));
  return server;
}

describe('over TLS', () => {
  const pem = path.join(__dirname, '..', 'support', 'untrusted.pem');
  const { fingerprint256 } = new X509Certificate(fs.readFileSync(pem));
  const selfSigned = ['--tls-self-signed'];
  const own = ['--tls-cert', pem, '--tls-key', pem];

  test('a certificate of its own is made, and its fingerprint is all that tail needs', async () => {
    const server = await withEvent(selfSigned);
    const { url, fingerprint } = server.facts;
    expect(url).toBe(`wss://127.0.0.1:${server.port}/ws`);
    expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(await tail(server, ['--fingerprint', fingerprint])).toMatchObject({ code: 0 });
    expect(await tail(server, ['--fingerprint', '00'.repeat(32)])).toMatchObject({
      code: 1,
      lines: [],
      errors: expect.stringContaining(`its fingerprint is ${fingerprint}`),
    });
    expect(await tail(server, [])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('not signed by a trusted authority'),
    });
  });

  test('a certificate that is given is shown, and may be its own authority', async () => {
    const server = await withEvent(own);
    expect(server.facts.fingerprint).toBe(fingerprint256);
    expect(await tail(server, ['--ca', pem])).toMatchObject({ code: 0 });
  });

  test('the text for people shows the fingerprint, too', async () => {
    const child = command(['serve', '--pretty', ...own], { env });
    const [, told] = await child.take(2);
    expect(told).toBe(`fingerprint  ${fingerprint256}`);
  });

  test('an address for everybody is served', async () => {
    const { facts } = await serving([...selfSigned, '--host', '0.0.0.0']);
    expect(facts).toMatchObject({ host: '0.0.0.0', url: `wss://127.0.0.1:${facts.port}/ws` });
  });

  test.each([
    ['a certificate without a certificate', () => [file('c', 'nothing'), pem]],
    ['a key without a key', () => [pem, file('k', 'nothing')]],
    ['the key of another', () => [pem, file('k', otherKey())]],
  ])('%s is told in one sentence', async (_, make) => {
    const [cert, key] = make();
    const args = ['serve', '--tls-cert', cert, '--tls-key', key];
    const { code, lines, errors } = await finished(args, { env });
    expect(errors).toMatch(/^loopwire: [^\n]+\n$/);
    expect({ code, lines }).toEqual({ code: 1, lines: [] });
  });
});
