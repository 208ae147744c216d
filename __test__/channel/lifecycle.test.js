// Start, close and shutdown: their results, and that a thousand of them leave no resources.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const { once } = require('node:events');
const { loopwire, native } = require('../support/harness.cjs');
const { Peer, connect, urls } = require('../support/channel/peer.cjs');
const { freePort } = require('../support/channel/sockets.cjs');
const { when } = require('../support/needs.cjs');
const { settled } = require('../support/until.cjs');

const linux = when(process.platform === 'linux', 'Linux');
const TOKEN = loopwire.generateToken();
const ignore = () => {};

const open = (port = 0, callback = ignore, options) =>
  loopwire.startEventListener(port, TOKEN, callback, options);
const descriptors = () => fs.readdirSync('/proc/self/fd').length;
const threads = () => fs.readdirSync('/proc/self/task').length;

/** Binds a port as anybody could, and lets it go. */
async function isFree(port) {
  const server = net.createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

afterEach(() => loopwire.shutdown());

describe('a port that is taken', () => {
  test('is thrown at once, as in Node', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    let error;
    try {
      open(port);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '127.0.0.1',
      port,
      message: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    });
    server.close();
  });

  test('by our own listener changes nothing for that one', async () => {
    const listener = open();
    expect(() => open(listener.port)).toThrow('EADDRINUSE');
    const peer = await connect(urls.sdk(listener.port, TOKEN));
    loopwire.emit('my:event', 'still here');
    expect(await peer.next('my:event')).toEqual({ type: 'my:event', payload: 'still here' });
  });

  test('succeeds for one of a hundred listeners', () => {
    const { port } = open();
    const results = Array.from({ length: 100 }, () => {
      try {
        return open(port);
      } catch (error) {
        return error.code;
      }
    });
    expect(new Set(results)).toEqual(new Set(['EADDRINUSE']));
  });
});

linux.test(
  'starting and closing a thousand times leaves no resources',
  async () => {
    // The runtime's own threads and descriptors come with the first one and stay.
    await open().close();
    const before = [descriptors(), native.harness.tasks(), threads()];
    for (let round = 0; round < 1_000; round += 1) {
      const listener = open();
      if (round % 10 === 0) await connect(urls.sdk(listener.port, TOKEN));
      await listener.close();
    }
    expect(await settled(native.harness.tasks, before[1])).toBeLessThanOrEqual(before[1]);
    expect(await settled(descriptors, before[0])).toBeLessThanOrEqual(before[0]);
    expect(await settled(threads, before[2])).toBeLessThanOrEqual(before[2]);
  },
  60_000,
);

linux.test(
  'starting and shutting down a hundred times ends all threads',
  async () => {
    await loopwire.shutdown();
    const before = await settled(threads, threads() - 1);
    for (let round = 0; round < 100; round += 1) {
      open();
      await loopwire.shutdown();
    }
    expect(await settled(threads, before)).toBeLessThanOrEqual(before);
  },
  60_000,
);

describe('close()', () => {
  test('closes clients with 1001 and resolves when the port is free', async () => {
    const listener = open();
    const { port } = listener;
    const peers = await Promise.all([
      connect(urls.sdk(port, TOKEN)),
      connect(urls.v1(port, TOKEN)),
    ]);
    await listener.close();
    await isFree(port);
    for (const peer of peers) expect(await peer.closed).toMatchObject({ code: 1001 });
    expect(listener.closed).toBe(true);
  });

  test('twice is once', async () => {
    const listener = open();
    const first = listener.close();
    expect(listener.close()).toBe(first);
    await first;
    await listener.close();
  });

  test('in the middle of sending ends in time and lets the publishers go', async () => {
    let heard = 0;
    const { promise, resolve } = resolvers();
    const listener = open(0, () => {
      heard += 1;
      if (heard === 1_000) resolve();
    });
    const peer = await connect(urls.sdk(listener.port, TOKEN));
    // One that never reads: it cannot be told anything, and must not hold up the close.
    const deaf = await connect(urls.v1(listener.port, TOKEN));
    deaf.ws.pause();
    const published = native.harness.publish({ threads: 2, count: 200_000, bytes: 256 });
    await promise;
    const before = Date.now();
    await listener.close();
    expect(Date.now() - before).toBeLessThan(4_000);
    await isFree(listener.port);
    const heardThen = heard;
    await published;
    expect(heard).toBe(heardThen);
    expect([1001, 4013]).toContain((await peer.closed).code);
    await deaf.terminate();
  });

  test('inside the callback makes that call the last one', async () => {
    const heard = [];
    let closing;
    const { promise, resolve } = resolvers();
    const listener = open(0, (data) => {
      heard.push(JSON.parse(data.toString()).payload);
      closing = listener.close();
      resolve();
    });
    for (let n = 0; n < 10; n += 1) loopwire.emit('my:event', String(n));
    await promise;
    await closing;
    await isFree(listener.port);
    expect(heard).toEqual(['0']);
  });

  test('leaves other listeners alone', async () => {
    const [one, other] = [open(), open()];
    const peer = await connect(urls.sdk(other.port, TOKEN));
    await one.close();
    loopwire.emit('my:event', 'x');
    expect(await peer.next('my:event')).toMatchObject({ payload: 'x' });
  });
});

describe('shutdown()', () => {
  test('frees the ports and ends with 1001; what comes after starts afresh', async () => {
    const listener = open();
    const peer = await connect(urls.v1(listener.port, TOKEN));
    const { data: before } = await peer.next('hello');
    loopwire.emit('my:event', 'x');
    await loopwire.shutdown();
    expect(await peer.closed).toMatchObject({ code: 1001 });
    expect(listener.closed).toBe(true);
    await isFree(listener.port);
    await listener.close();

    const next = open(listener.port);
    const again = await connect(urls.v1(next.port, TOKEN, `epoch=${before.epoch}&since=1`));
    const { data: after } = await again.next('hello');
    expect(after).toMatchObject({ seq: 0 });
    expect(after.epoch).not.toBe(before.epoch);
    expect(await again.next('gap')).toMatchObject({ data: { reason: 'restart' } });
    loopwire.emit('my:event', 'y');
    expect(await again.next('my:event')).toMatchObject({ payload: 'y', seq: 1 });
  });

  test('that comes second resolves no sooner than the first', async () => {
    const listener = open();
    // One that reads nothing has the first take its time.
    const deaf = await connect(urls.v1(listener.port, TOKEN));
    deaf.ws.pause();
    const first = loopwire.shutdown();
    await loopwire.shutdown();
    expect(listener.connections()).toEqual([]);
    await isFree(listener.port);
    await first;
    await deaf.terminate();
  });

  test('twice, and without anything running, resolves', async () => {
    open();
    await Promise.all([loopwire.shutdown(), loopwire.shutdown()]);
    await loopwire.shutdown();
  });
});

test('stopCommunicate stops every listener, and their callbacks are not called any more', async () => {
  const heard = [];
  const listener = open(0, (data) => heard.push(data.toString()));
  const port = await freePort();
  expect(loopwire.startCommunicate(1, port, TOKEN)).toBe(0);
  expect(loopwire.startCommunicate(1, port, TOKEN)).toBe(1);
  expect(loopwire.sdkGetLastError()).toContain('EADDRINUSE');
  const peers = await Promise.all([
    connect(urls.sdk(listener.port, TOKEN)),
    connect(urls.sdk(port, TOKEN)),
  ]);
  loopwire.emit('my:event', 'x');
  expect(loopwire.stopCommunicate()).toBe(0);
  for (const peer of peers) expect(await peer.closed).toMatchObject({ code: 1001 });
  await listener.close();
  await isFree(listener.port);
  expect(heard).toEqual([]);
  await expect(new Peer(urls.sdk(port, TOKEN)).opened).rejects.toThrow('ECONNREFUSED');
});

function resolvers() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
