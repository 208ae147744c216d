// Faults: a failed part is reported and restarted, and others are not affected.
'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { performance } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
const { loopwire, native } = require('../support/harness.cjs');
const { start } = require('../support/process/child.cjs');
const { when } = require('../support/needs.cjs');
const { Peer, connect, urls } = require('../support/channel/peer.cjs');
const { upgraded } = require('../support/channel/sockets.cjs');
const { settled } = require('../support/until.cjs');

const linux = when(process.platform === 'linux', 'Linux');
const TOKEN = loopwire.generateToken();

/** A listener and what its callback has heard, to be awaited. */
function listen(options) {
  const heard = [];
  const waiting = [];
  const listener = loopwire.startEventListener(
    0,
    TOKEN,
    (event) => {
      heard.push(event);
      const at = waiting.findIndex(({ type }) => type === event.type);
      if (at >= 0) waiting.splice(at, 1)[0].resolve(event);
    },
    { format: 'object', ...options },
  );
  const hear = (type) => new Promise((resolve) => waiting.push({ type, resolve }));
  return { listener, heard, hear, port: listener.port };
}

const descriptors = () => fs.readdirSync('/proc/self/fd').length;

afterEach(() => loopwire.shutdown());

const fault = (component) => ({
  type: 'fault',
  data: { code: 'ERR_PANIC', component, message: `injected into ${component}` },
});

describe('a panic', () => {
  test('in a connection closes it with 1011, publishes a fault, and does not affect others', async () => {
    const { listener, hear, port } = listen();
    const plain = await connect(urls.sdk(port, TOKEN));
    const v1 = await connect(urls.v1(port, TOKEN));
    const victim = await connect(urls.v1(port, TOKEN));
    await victim.next('hello');
    const told = hear('fault');
    native.harness.arm('connection');
    victim.ws.send('{"type":"ping"}');

    expect(await victim.closed).toMatchObject({ code: 1011 });
    expect(await told).toMatchObject(fault('connection'));
    expect(await v1.next('fault')).toMatchObject(fault('connection'));
    loopwire.emit('my:event', 'x');
    expect(await plain.next('my:event')).toEqual({ type: 'my:event', payload: 'x' });
    expect(await v1.next('my:event')).toMatchObject({ payload: 'x' });
    expect(plain.seen).toEqual([]);
    expect(listener.connections()).toHaveLength(2);
  });

  test('in the active connection activates the next one', async () => {
    const { port } = listen();
    const older = await connect(urls.sdk(port, TOKEN));
    const holder = await connect(urls.sdk(port, TOKEN));
    native.harness.arm('connection');
    holder.ws.send('{"type":"ping"}');
    expect(await holder.closed).toMatchObject({ code: 1011 });
    loopwire.emit('my:event', 'x');
    expect(await older.next('my:event')).toMatchObject({ payload: 'x' });
  });

  test('in the accept loop publishes a fault, and the port accepts connections again', async () => {
    native.harness.arm('accept');
    const { hear, port } = listen();
    expect(await hear('fault')).toMatchObject(fault('accept'));
    const peer = await connect(urls.sdk(port, TOKEN));
    loopwire.emit('my:event', 'x');
    expect(await peer.next('my:event')).toMatchObject({ payload: 'x' });
  });
});

linux.test(
  '300 clients that are killed, hang up or vanish leave no resources',
  async () => {
    const { listener, port } = listen({ heartbeatMs: 100 });
    const good = await connect(urls.v1(port, TOKEN));
    const before = [descriptors(), native.harness.tasks()];
    const endings = [
      (socket) => socket.resetAndDestroy(),
      (socket) => socket.end(() => socket.destroy()),
      // Nothing is said, and nothing answered: the heartbeat finds out.
      (socket) => socket,
    ];
    const vanished = [];
    for (let round = 0; round < 300; round += 1) {
      const socket = await upgraded(port, `/ws?token=${TOKEN}`);
      loopwire.emit('my:event', String(round));
      if (round % 30 === 2) vanished.push(endings[2](socket));
      else endings[round % 2](socket);
    }
    expect(await settled(() => listener.connections().length, 1)).toBe(1);
    for (const socket of vanished) socket.destroy();
    expect(await settled(native.harness.tasks, before[1])).toBeLessThanOrEqual(before[1]);
    expect(await settled(descriptors, before[0])).toBeLessThanOrEqual(before[0]);
    const last = await good.next(({ payload }) => payload === '299');
    expect(last.seq).toBe(300);
  },
  60_000,
);

test('a peer that answers no ping for two intervals is closed with 4008', async () => {
  const { promise, resolve } = resolvers();
  const { port } = listen({
    heartbeatMs: 200,
    onConnection: (_, change, info) => change === 'closed' && resolve(info),
  });
  const good = await connect(urls.sdk(port, TOKEN));
  const before = performance.now();
  const deaf = await connect(urls.v1(port, TOKEN), { autoPong: false });
  expect(await promise).toMatchObject({ code: 4008 });
  expect(await deaf.closed).toMatchObject({ code: 4008 });
  expect(performance.now() - before).toBeGreaterThan(390);
  expect(good.ws.readyState).toBe(good.ws.OPEN);
});

test('a client that takes nothing for stallMs is dropped with 4013', async () => {
  const { promise, resolve } = resolvers();
  const { port } = listen({
    stallMs: 300,
    onConnection: (_, change, info) => change === 'closed' && resolve(info),
  });
  const good = await connect(urls.v1(port, TOKEN));
  const stalled = await upgraded(port, `/ws?token=${TOKEN}&v=1`);
  const gone = once(stalled, 'close');
  await native.harness.publish({ threads: 1, count: 30_000, bytes: 1_000 });
  expect(await promise).toMatchObject({ code: 4013 });
  expect(good.ws.readyState).toBe(good.ws.OPEN);
  stalled.resume();
  await gone;
}, 30_000);

linux.test(
  'without descriptors nothing spins, and with them it is back within a second',
  async () => {
    const program = start('channel/scarce', { under: ['prlimit', '--nofile=256'] });
    const { port, token } = await program.next();
    const old = await connect(urls.sdk(port, token));
    program.tell('take');
    const { code, cpu: before } = await program.next();
    expect(code).toBe('EMFILE');
    const sockets = Array.from({ length: 20 }, () =>
      net.connect(port, '127.0.0.1').on('error', () => {}),
    );
    await sleep(1_000);
    program.tell('give');
    const { cpu: after } = await program.next();
    // A loop that spins takes all of that second.
    expect(after - before).toBeLessThan(300);
    const asked = performance.now();
    // Not before: whoever came while there was none may have been answered 503 by the descriptor in reserve.
    const peer = new Peer(urls.sdk(port, token));
    await peer.opened;
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(old.ws.readyState).toBe(old.ws.OPEN);
    for (const socket of sockets) socket.destroy();
    program.tell('end');
    expect(await program.ended).toMatchObject({ code: 0 });
  },
);

function resolvers() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
