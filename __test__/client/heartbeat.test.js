/**
 * How a client finds that nobody answers any more, and what it does not take for that.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { FakeClock, fakeWebSocket } = require('../support/client/fakes.cjs');

const { EventClient } = requireModule('index.js');

const PING = '{"type":"ping"}';

/** No wait of nothing by chance: it would be over before anybody looks. */
const half = () => 0.5;

/** An open client; the listener's interval is 30 s, and it has 10 s to answer. */
async function make(options = {}, hello = {}) {
  const clock = new FakeClock();
  const { WebSocket, sockets } = fakeWebSocket();
  const url = 'ws://127.0.0.1:1/ws/token-of-the-test';
  const client = new EventClient({ url, clock, WebSocket, random: half, fetch: null, ...options });
  const connected = client.connect();
  sockets[0].accept(hello);
  await connected;
  return { client, clock, sockets, socket: sockets[0] };
}

const dead = { name: 'waiting', reason: { code: 'HEARTBEAT_TIMEOUT' } };

test('silence for one interval is a question, and no answer to it is the end of the connection', async () => {
  const { client, clock, socket } = await make();
  await clock.advance(29_999);
  expect(socket.sent).toEqual([]);
  await clock.advance(1);
  expect(socket.sent).toEqual([PING]);
  await clock.advance(9_999);
  expect(client.state.name).toBe('open');
  await clock.advance(1);
  expect(client.state).toMatchObject(dead);
  expect(socket.closedWith).toBe(4008);
});

test('any message is an answer, text or binary', async () => {
  const { client, clock, socket } = await make();
  for (let n = 0; n < 20; n += 1) {
    await clock.advance(35_000);
    if (n % 2) socket.say({ type: 'pong' });
    else socket.tell('message', { data: new ArrayBuffer(13) });
  }
  expect(client.state.name).toBe('open');
  expect(socket.sent.every((sent) => sent === PING)).toBe(true);
});

test('a connection that speaks is not asked', async () => {
  const { clock, socket } = await make();
  for (let n = 0; n < 100; n += 1) {
    await clock.advance(20_000);
    socket.say({ type: 'ping' });
  }
  expect(socket.sent).toEqual([]);
});

test('the option heartbeatMs takes the place of the interval of the listener', async () => {
  const { clock, socket } = await make({ heartbeatMs: 1000 });
  await clock.advance(1000);
  expect(socket.sent).toEqual([PING]);
});

test('a hello that names no interval means the default of a listener', async () => {
  const { clock, socket } = await make({}, { heartbeatMs: undefined });
  await clock.advance(29_999);
  expect(socket.sent).toEqual([]);
  await clock.advance(1);
  expect(socket.sent).toEqual([PING]);
});

test('the interval is that of the present connection', async () => {
  const { client, clock, socket, sockets } = await make();
  socket.end();
  await clock.advance(0);
  await clock.advance(client.state.retryAt - clock.now());
  sockets[1].accept({ heartbeatMs: 5_000 });
  await clock.advance(4_999);
  expect(sockets[1].sent).toEqual([]);
  await clock.advance(1);
  expect(sockets[1].sent).toEqual([PING]);
  expect(socket.sent).toEqual([]);
});

test('after a sleep of eight hours it asks first', async () => {
  const { client, clock, socket } = await make();
  await clock.advance(10_000);
  await clock.sleep(8 * 3_600_000);
  expect(client.state.name).toBe('open');
  expect(socket.sent).toEqual([PING]);
  socket.say({ type: 'pong' });
  await clock.advance(29_000);
  expect(client.state.name).toBe('open');
});

test('a host that slept while an answer was awaited asks once more, and then it is enough', async () => {
  const { client, clock, socket } = await make();
  await clock.advance(30_000);
  await clock.sleep(3_600_000);
  expect(client.state.name).toBe('open');
  expect(socket.sent).toEqual([PING, PING]);
  await clock.advance(10_000);
  expect(client.state).toMatchObject(dead);
});

test('timers that a browser lets fire once a minute close nothing that answers', async () => {
  const { client, clock, socket } = await make();
  for (let minute = 0; minute < 60; minute += 1) {
    const before = socket.sent.length;
    await clock.sleep(60_000);
    // Messages are not held back as timers are.
    if (socket.sent.length > before) socket.say({ type: 'pong' });
    expect(client.state.name).toBe('open');
  }
});

test('timers that fire once a minute still find a connection that is dead', async () => {
  const { client, clock } = await make();
  for (let minute = 0; minute < 3; minute += 1) await clock.sleep(60_000);
  expect(client.state).toMatchObject(dead);
});

test.each([-3_600_000, 3_600_000])('a clock that is set by %i ms closes nothing', async (ms) => {
  const { client, clock, socket } = await make();
  await clock.advance(10_000);
  clock.set(ms);
  for (let n = 0; n < 60; n += 1) {
    const before = socket.sent.length;
    await clock.advance(5_000);
    if (socket.sent.length > before) socket.say({ type: 'pong' });
  }
  expect(client.state.name).toBe('open');
  // And it does not stop asking.
  expect(socket.sent.length).toBeGreaterThan(5);
});

test('a closed client has no timer left', async () => {
  const { client, clock, socket } = await make();
  const closed = client.close();
  socket.end(1000);
  await closed;
  expect(clock.size).toBe(0);
});
