/**
 * The client of a sandbox over a connection that stays: its options, its connections and its end.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const http = require('node:http');
const util = require('node:util');
const WebSocket = require('ws');
const { once } = require('node:events');
const loopwire = require('../../..');
const { all, code, sandboxed, text } = require('../../support/client/sandbox.cjs');
const { Inbox } = require('../../support/inbox.cjs');
const { until } = require('../../support/until.cjs');

const { SandboxClient } = requireModule('index.js');

const open = (options) => sandboxed(SandboxClient, options);

describe('a signal', () => {
  const calls = {
    'ports.list': ({ ports }, signal) => ports.list({ signal }),
    'ports.rotate': ({ ports }, signal) => ports.rotate(60_000, { signal }),
    'ports.remove': ({ ports }, signal) => ports.remove(60_000, { signal }),
    'snapshots.list': ({ snapshots }, signal) => snapshots.list({ signal }),
    'snapshots.diff': ({ snapshots }, signal) =>
      snapshots.diff('0'.repeat(40), undefined, { signal }),
    'snapshots.delete': ({ snapshots }, signal) => snapshots.delete('0'.repeat(40), { signal }),
  };

  test.each(Object.entries(calls))('ends the waiting of %s', async (_, call) => {
    const { sandbox, cutter } = await open();
    // Nobody answers.
    cutter.refusing = true;
    const abort = new AbortController();
    const waiting = call(sandbox, abort.signal);
    abort.abort();
    expect(await code(waiting)).toBe('ABORT_ERR');
    expect(await code(call(sandbox, AbortSignal.abort()))).toBe('ABORT_ERR');
    cutter.refusing = false;
    expect(await sandbox.ports.list({ signal: new AbortController().signal })).toEqual([]);
  });
});

describe('options', () => {
  test.each([
    ['no base', { token: 'abc' }],
    ['a file', { baseURL: 'file:///etc', token: 'abc' }],
    ['no token', { baseURL: 'http://localhost' }],
    [
      'a time that is none',
      { baseURL: 'http://localhost', token: 'abc', timeoutMs: 'x' },
      'RangeError',
    ],
    [
      'a time too long',
      { baseURL: 'http://localhost', token: 'abc', timeoutMs: Infinity },
      'RangeError',
    ],
    ['a token that is none', { baseURL: 'http://localhost', token: 'secret\n' }],
  ])('%s throws, without the token', (_, options, name = 'TypeError') => {
    const make = () => new SandboxClient({ WebSocket, ...options });
    let error;
    try {
      make();
    } catch (thrown) {
      error = thrown;
    }
    // The client is of another realm than the test.
    expect(error.name).toBe(name);
    expect(error.message).not.toContain('secret');
  });

  test('the token is in nothing that can be printed', async () => {
    const { sandbox, token, cutter } = await open();
    const socket = await sandbox.websocket.connect();
    const terminal = await sandbox.terminal({ command: 'cat' });
    cutter.refusing = true;
    const error = await sandbox.websocket.getConnections().catch((reason) => reason);
    expect(error.code).toBe('UNREACHABLE');
    for (const thing of [sandbox, sandbox.websocket, sandbox.terminal, socket, terminal, error]) {
      expect(util.inspect(thing, { depth: 5 })).not.toContain(token);
    }
    expect(JSON.stringify([sandbox, socket, terminal, error])).not.toContain(token);
  });

  test.each(['http', 'ws'])('takes %s and keeps the path before', async (scheme) => {
    const { listener, token, make } = await open();
    // As a reverse proxy has it: it takes the prefix away.
    const asked = [];
    const proxy = http.createServer((request, response) => {
      asked.push(request.url);
      const headers = { ...request.headers, host: `127.0.0.1:${listener.port}` };
      const inner = http.request(
        { port: listener.port, path: request.url.slice('/box/7'.length), headers },
        (answer) => {
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(inner);
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const sandbox = make({ baseURL: `${scheme}://127.0.0.1:${proxy.address().port}/box/7/?x=1#y` });
    expect(await sandbox.websocket.isConnected()).toBe(false);
    expect(asked).toEqual(['/box/7/ws/connection']);
    expect(asked.join()).not.toContain(token);
    proxy.close();
  });
});

describe('websocket', () => {
  test('tells of its opening also whoever listens after the await', async () => {
    const { sandbox } = await open();
    const socket = await sandbox.websocket.connect();
    const heard = new Inbox();
    socket.on('open', () => heard.push('on')).once('open', () => heard.push('once'));
    const off = () => heard.push('off');
    socket.on('open', off).off('open', off);
    // Not inside of `on`.
    expect(heard.size).toBe(0);
    expect(await heard.take(2)).toEqual(['on', 'once']);
    expect(socket.readyState).toBe(socket.OPEN);
    await socket.close();
    expect(socket.readyState).toBe(socket.CLOSED);
    expect(heard.size).toBe(0);
  });

  test('gives parsed messages, and none from before the listener is lost', async () => {
    const { sandbox } = await open();
    const socket = await sandbox.websocket.connect();
    const messages = new Inbox();
    socket.on('message', (message) => messages.push(message));
    socket.send(
      JSON.stringify({ type: 'terminal:execute', data: { command: 'echo hi', cwd: '.' } }),
    );
    const output = await messages.next();
    expect([output.type, output.data.output]).toEqual(['terminal:output', 'hi\n']);
    expect((await messages.next()).data.exitCode).toBe(0);
    socket.send({ type: 'ping' });
    expect((await messages.next()).type).toBe('pong');
  });

  test('opens and closes again with each connection, and an error nobody listens to does not throw', async () => {
    const { sandbox, cutter, listener } = await open();
    const socket = await sandbox.websocket.connect();
    const heard = new Inbox();
    socket
      .on('open', () => heard.push('open'))
      .on('close', ({ willReconnect }) => heard.push(willReconnect));
    expect(await heard.next()).toBe('open');
    cutter.cut();
    expect(await heard.take(2)).toEqual([true, 'open']);
    const seen = new Inbox();
    socket.on('message', (message) => seen.push(message));
    loopwire.emit('later', { n: 1 });
    expect((await seen.next()).data).toEqual({ n: 1 });
    expect(listener.connections()).toHaveLength(1);
  });

  test('is connected, tells of connections and disconnects for good', async () => {
    const { sandbox } = await open();
    expect(await sandbox.websocket.isConnected()).toBe(false);
    const socket = await sandbox.websocket.connect({ silent: true });
    expect(await sandbox.websocket.isConnected()).toBe(true);
    const [one] = await sandbox.websocket.getConnections();
    expect(one).toMatchObject({ id: expect.stringMatching(/^conn-/), silent: true });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await sandbox.websocket.disconnect();
    expect(await closed).toMatchObject({ willReconnect: false });
    await until(async () => !(await sandbox.websocket.isConnected()), 'not connected');
    expect(socket.readyState).toBe(socket.CLOSED);
    // Whoever wants it again says so.
    expect((await sandbox.execute('echo back')).stdout).toBe('back\n');
  });

  test('is not connected when nobody is there, and rejects when it is refused', async () => {
    const { make, cutter } = await open();
    const other = make({ token: 'x'.repeat(22) });
    for (const call of ['isConnected', 'getConnections', 'disconnect', 'connect']) {
      expect(await code(other.websocket[call]())).toBe('UNAUTHORIZED');
    }
    cutter.refusing = true;
    const sandbox = make();
    expect(await sandbox.websocket.isConnected()).toBe(false);
    expect(await code(sandbox.websocket.getConnections())).toBe('UNREACHABLE');
    expect(await code(sandbox.websocket.connect({ timeoutMs: 100 }))).toBe('NOT_CONNECTED');
    const never = sandbox.websocket.connect({ timeoutMs: Infinity });
    await expect(never).rejects.toMatchObject({ name: 'RangeError' });
  });

  test('waits no longer than it may for an answer', async () => {
    const { make, cutter } = await open();
    cutter.stall();
    const sandbox = make({ timeoutMs: 100 });
    expect(await sandbox.websocket.isConnected()).toBe(false);
    expect(await code(sandbox.execute('true'))).toBe('NOT_CONNECTED');
    cutter.flow();
  });

  test('gives binary messages of its own connection', async () => {
    const { sandbox } = await open();
    const socket = await sandbox.websocket.connect({ binary: true });
    const frames = new Inbox();
    socket.on('binary', (frame) => frames.push(frame));
    socket.send({ type: 'terminal:execute', data: { command: 'printf hello' } });
    expect(text((await frames.next()).bytes)).toBe('hello');
  });
});

test('ports are listed, and one that is not there is an error', async () => {
  const { sandbox } = await open();
  expect(await sandbox.ports.list()).toEqual([]);
  expect(await sandbox.ports.remove(60_000)).toBe(false);
  expect(await code(sandbox.ports.rotate(60_000))).toBe('NOT_FORWARDED');
});

test('close ends everything, and nothing begins afterwards by itself', async () => {
  const { sandbox, listener } = await open();
  const terminal = await sandbox.terminal({ command: 'sleep 60' });
  const socket = await sandbox.websocket.connect();
  const watch = sandbox.watch('.');
  await watch.ready;
  const ends = [code(all(terminal.output)), code(terminal.exit), code(all(watch))];
  await sandbox.close();
  expect(await Promise.all(ends)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
  expect(socket.readyState).toBe(socket.CLOSED);
  expect(await code(terminal.write('x'))).toBe('CLOSED');
  await until(() => listener.connections().length === 0, 'no connection');
});
