/**
 * Servers that say what no listener says, and events of applications that look like something else: nothing is thrown where
 * only the process could catch it.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { FakeClock, fakeWebSocket } = require('../support/client/fakes.cjs');

const { EventClient, SandboxClient } = requireModule('index.js');

/** What JavaScript can neither compare nor print: both throw. */
const POISON = { toString: 1, valueOf: 1 };

function make() {
  const clock = new FakeClock();
  const { WebSocket, sockets } = fakeWebSocket();
  const url = 'ws://127.0.0.1:1/?token=token-of-the-test';
  const client = new EventClient({ url, clock, WebSocket, fetch: null });
  client.connect().catch(() => {});
  return { client, clock, socket: sockets[0] };
}

function sandboxed() {
  const clock = new FakeClock();
  const { WebSocket, sockets } = fakeWebSocket();
  const options = { baseURL: 'http://127.0.0.1:1', token: 'token-of-the-test', clock, WebSocket };
  const sandbox = new SandboxClient({ ...options, fetch: null });
  /** The data of the last command. */
  const asked = () => JSON.parse(sockets[0].sent.at(-1)).data;
  return { sandbox, sockets, asked };
}

describe('an event of the application', () => {
  test.each([
    { to: POISON },
    { to: '7' },
    { from: 1, to: 1e300 },
    { to: -1 },
    { n: POISON, code: POISON },
  ])('is delivered whatever its data are: %j', (data) => {
    const { client, socket } = make();
    const seen = [];
    client.on('event', (one) => seen.push(one));
    socket.accept();
    const event = { type: 'my:event', data, seq: 1 };
    socket.say(event);
    expect(seen).toEqual([event]);
    expect(client.position.seq).toBe(1);
  });

  test.each([POISON, '7', 1e300, 1.5, -1, [7]])('with the number %j has none', (seq) => {
    const { client, socket } = make();
    socket.accept();
    socket.say({ type: 'my:event', seq });
    expect(client.position.seq).toBe(0);
    expect(client.state.name).toBe('open');
  });
});

test.each([
  { epoch: 5 },
  { epoch: POISON },
  { seq: 'x' },
  { seq: POISON },
  { seq: 1e300 },
  { heartbeatMs: POISON },
])('a hello with %j is of another server', (hello) => {
  const { client, socket } = make();
  socket.accept(hello);
  expect(client.state.reason?.code).toBe('UNEXPECTED_SERVER');
  expect(socket.closedWith).not.toBeNull();
});

test.each([1e13, -1, 'abc', [], {}, null])(
  'a heartbeat of %j makes no loop',
  async (heartbeatMs) => {
    const { client, clock, socket } = make();
    socket.accept({ heartbeatMs });
    expect(clock.next).toBeLessThan(2 ** 31);
    await clock.advance(20);
    expect(client.state.name).toBe('open');
    expect(socket.sent.length).toBeLessThan(2);
  },
);

test.each([
  [{ n: POISON }],
  [{ n: 1, code: POISON, message: 'no' }],
  [{ n: 1, code: 'BAD_MESSAGE', message: POISON }],
])('an acknowledgement %j ends the client, not the process', async (data) => {
  const { client, socket } = make();
  socket.accept({ taken: 0, memory: 'm' });
  const sent = client.send('x');
  socket.say({ type: 'ack', data });
  await expect(sent).rejects.toMatchObject({ name: expect.stringMatching(/Error$/) });
  expect(['open', 'closed']).toContain(client.state.name);
});

test.each([null, 5, 'x', { to: 1 }, { from: POISON, to: 5 }, { from: 1, to: 1e300 }])(
  'a gap with %j changes no position',
  (data) => {
    const { client, socket } = make();
    socket.accept();
    socket.say({ type: 'gap', data });
    socket.say({ type: 'resumed', data });
    expect(client.position).toEqual({ epoch: 'e1', seq: 0 });
  },
);

test('binary messages that are too short, and a second hello, are nothing', () => {
  const { client, socket } = make();
  socket.accept();
  for (const bytes of [0, 1, 11]) socket.tell('message', { data: new ArrayBuffer(bytes) });
  socket.accept({ epoch: 'e2', seq: 50 });
  expect(client.position).toEqual({ epoch: 'e1', seq: 0 });
  expect(client.state.name).toBe('open');
});

test('binary messages have the bytes of every view, and without a connection there are none', () => {
  const { client, socket } = make();
  const { buffer } = new Uint8Array([1, 2, 3, 4]);
  client.sendBinary(7, 1, buffer);
  socket.tell('open');
  client.sendBinary(7, 1, buffer);
  expect(socket.sent).toEqual([]);
  socket.accept();
  for (const view of [buffer, new Uint16Array(buffer), new DataView(buffer)]) {
    client.sendBinary(7, 1, view);
  }
  for (const frame of socket.sent) {
    expect(Array.from(frame)).toEqual([0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4]);
  }
  expect(socket.sent).toHaveLength(3);
  for (const wrong of ['text', 5, null, undefined, {}, [1]]) {
    expect(() => client.sendBinary(7, 1, wrong)).toThrow(
      expect.objectContaining({ name: 'TypeError' }),
    );
  }
});

describe('a sandbox', () => {
  test.each([
    { type: 'my:event', data: { watches: 5 } },
    { type: 'my:event', data: { watches: POISON } },
    { type: 'file:changed', data: { watches: null } },
    { type: 'file:overflow', data: null },
    { type: 'gap', data: null },
    { type: POISON, data: null },
    { data: 7 },
  ])('is not disturbed by %j', async (message) => {
    const { sandbox, sockets, asked } = sandboxed();
    const list = sandbox.ports.list();
    sockets[0].accept();
    sockets[0].say(message);
    sockets[0].say({ type: 'port:list', data: { id: asked().id, ports: ['answer'] } });
    expect(await list).toEqual(['answer']);
  });

  test('takes no event of the application for the end of an operation with its id', async () => {
    const { sandbox, sockets } = sandboxed();
    const fetched = sandbox.git.fetch({ id: 'mine', repoPath: '.' });
    sockets[0].accept();
    for (const type of ['deploy:begun', 'deploy:error', 'deploy:progress', 'deploy']) {
      sockets[0].say({ type, data: { id: 'mine' } });
    }
    sockets[0].say({ type: 'git:complete', data: { id: 'mine', commit: 'abc' } });
    expect(await fetched).toEqual({ commit: 'abc' });
  });

  test('ends what is answered in another form', async () => {
    const { sandbox, sockets, asked } = sandboxed();
    const terminal = sandbox.terminal({ command: 'cat' });
    sockets[0].accept();
    await new Promise((resolve) => setImmediate(resolve));
    sockets[0].say({ type: 'terminal:started', data: { id: asked().id } });
    await expect(terminal).rejects.toMatchObject({ name: 'TypeError' });
  });
});
