/**
 * `for await` over a client: its order, its bound and its end.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { FakeClock, fakeWebSocket, settle } = require('../support/client/fakes.cjs');

const { EventClient } = requireModule('index.js');

function make(options = {}) {
  const clock = new FakeClock();
  const { WebSocket, sockets } = fakeWebSocket();
  const url = 'ws://127.0.0.1:1/ws/token-of-the-test';
  const client = new EventClient({ url, clock, WebSocket, fetch: null, ...options });
  return { client, clock, sockets };
}

const event = (seq) => ({ type: 'app:event', seq });

test('a loop starts the client, and gets events and gaps in order, but nothing else', async () => {
  const { client, sockets } = make();
  const loop = client[Symbol.asyncIterator]();
  const first = loop.next();
  sockets[0].accept();
  const gap = { type: 'gap', data: { from: 2, to: 5, reason: 'overflow' } };
  for (const one of [{ type: 'pong' }, event(1), gap, { type: 'error', data: {} }, event(6)]) {
    sockets[0].say(one);
  }
  expect([(await first).value, (await loop.next()).value, (await loop.next()).value]).toEqual([
    event(1),
    gap,
    event(6),
  ]);
});

test('a loop ends with the client: silently if it was closed, behind what came before', async () => {
  const { client, sockets } = make();
  const seen = [];
  const loop = (async () => {
    for await (const one of client) seen.push(one.seq);
  })();
  sockets[0].accept();
  sockets[0].say(event(1));
  sockets[0].say(event(2));
  void client.close();
  await loop;
  expect(seen).toEqual([1, 2]);
  for await (const one of client) seen.push(one);
  expect(seen).toEqual([1, 2]);
});

test('a loop throws what ended the client, behind what came before', async () => {
  const { client, sockets } = make();
  const loop = client[Symbol.asyncIterator]();
  sockets[0].accept();
  sockets[0].say(event(1));
  sockets[0].end(4003);
  expect(await loop.next()).toEqual({ value: event(1), done: false });
  await expect(loop.next()).rejects.toMatchObject({ code: 'TOKEN_ROTATED', closeCode: 4003 });
  expect(await loop.next()).toEqual({ value: undefined, done: true });
});

test('a loop that was left costs nothing more', async () => {
  const { client, sockets } = make({ maxBuffered: 2 });
  const loop = client[Symbol.asyncIterator]();
  sockets[0].accept();
  sockets[0].say(event(1));
  await loop.return();
  for (let seq = 2; seq < 10; seq += 1) sockets[0].say(event(seq));
  expect(client.state.name).toBe('open');
  expect(await loop.next()).toEqual({ value: undefined, done: true });
});

test('a slow loop closes the connection, and resumes when half of what waits is taken', async () => {
  const { client, clock, sockets } = make({ maxBuffered: 4 });
  const loop = client[Symbol.asyncIterator]();
  sockets[0].accept();
  for (let seq = 1; seq <= 9; seq += 1) sockets[0].say(event(seq));
  expect(sockets[0].closedWith).toBe(1000);
  expect(client.state).toMatchObject({
    name: 'waiting',
    retryAt: null,
    reason: { code: 'SLOW_CONSUMER' },
  });
  // What the socket still gives is asked for again, so it is not taken.
  expect(client.position.seq).toBe(4);
  sockets[0].end(1000);
  client.notifyResume();
  await clock.advance(3_600_000);
  expect(sockets).toHaveLength(1);
  const taken = [await loop.next()];
  await settle();
  expect(sockets).toHaveLength(1);
  taken.push(await loop.next());
  await settle();
  expect(sockets).toHaveLength(2);
  expect(new URL(sockets[1].url).searchParams.get('since')).toBe('4');
  sockets[1].accept({ seq: 9 });
  sockets[1].say({ type: 'resumed', data: { from: 5, to: 9 } });
  sockets[1].say(event(5));
  for (let n = 0; n < 3; n += 1) taken.push(await loop.next());
  expect(taken.map(({ value }) => value.seq)).toEqual([1, 2, 3, 4, 5]);
});

test('what a slow loop costs is no attempt that failed', async () => {
  const { client, sockets } = make({ maxBuffered: 2, maxAttempts: 2, since: 0 });
  const loop = client[Symbol.asyncIterator]();
  const taken = [];
  for (let seq = 2; seq <= 20; seq += 2) {
    sockets.at(-1).accept({ seq: 20 });
    sockets.at(-1).say({ type: 'resumed', data: { from: seq - 1, to: 20 } });
    for (const one of [seq - 1, seq]) sockets.at(-1).say(event(one));
    sockets.at(-1).end(1000);
    for (let n = 0; n < 2; n += 1) taken.push((await loop.next()).value.seq);
  }
  expect(taken).toHaveLength(20);
  expect(client.state).toEqual({ name: 'connecting', attempt: 1 });
});

test('of two loops the slower one holds back, until it is left', async () => {
  const { client, sockets } = make({ maxBuffered: 2 });
  const slow = client[Symbol.asyncIterator]();
  const fast = client[Symbol.asyncIterator]();
  sockets[0].accept();
  for (const seq of [1, 2]) {
    sockets[0].say(event(seq));
    await fast.next();
  }
  expect(client.state.name).toBe('waiting');
  await slow.return();
  expect(client.state.name).toBe('connecting');
});

test('names of the client itself are not taken by events of the application', () => {
  const { client, sockets } = make();
  const states = [];
  const events = [];
  client
    .on('statechange', (state) => states.push(state.name))
    .on('event', (one) => events.push(one));
  void client.connect();
  sockets[0].accept();
  sockets[0].say({ type: 'statechange', seq: 1 });
  expect(states).toEqual(['connecting', 'open']);
  expect(events).toEqual([{ type: 'statechange', seq: 1 }]);
});

test('texts that are no JSON objects come as text, and events by their type', () => {
  const { client, sockets } = make();
  const got = [];
  for (const name of ['text', 'portStateUpdate', 'binary']) client.on(name, (one) => got.push(one));
  client.once('portStateUpdate', () => got.push('once'));
  const off = () => got.push('off');
  client.on('portStateUpdate', off).off('portStateUpdate', off);
  void client.connect();
  sockets[0].accept();
  const update = { type: 'portStateUpdate', payload: '60000', seq: 1 };
  for (const data of ['plain', '7', 'null', JSON.stringify(update)])
    sockets[0].tell('message', { data });
  sockets[0].say({ ...update, seq: 2 });
  sockets[0].tell('message', {
    data: Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 65).buffer,
  });
  expect(got).toEqual([
    'plain',
    '7',
    'null',
    update,
    'once',
    { ...update, seq: 2 },
    { stream: 1, offset: 9, bytes: Uint8Array.of(65) },
  ]);
});

test('a listener that throws stops neither the others nor the client: it is an uncaught exception', () => {
  const code = `
    const { EventClient } = await import('./client/index.js');
    const { fakeWebSocket } = (await import('./__test__/support/client/fakes.cjs')).default;
    const { WebSocket, sockets } = fakeWebSocket();
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const client = new EventClient({ url: 'ws://h/ws/token', WebSocket });
    client.on('app:event', () => { throw new Error('mine'); });
    client.on('app:event', () => console.log('second'));
    client.connect();
    sockets[0].accept();
    sockets[0].say({ type: 'app:event', seq: 1 });
    await null;
    console.log(client.state.name);
    client.close();`;
  const cwd = path.resolve(__dirname, '..', '..');
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd });
  expect(out.toString().split('\n')).toEqual(['second', 'uncaught mine', 'open', '']);
});
