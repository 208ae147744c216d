// What clients send: commands, the application's messages, and everything that breaks a rule
// (PROTOCOL section 7).
'use strict';

const loopwire = require('../..');
const { connect, listeners } = require('../support/channel/client.cjs');
const { Inbox } = require('../support/inbox.cjs');
const { runNode } = require('../support/process/program.cjs');
const { connectRaw, frame } = require('../support/channel/raw.cjs');

const start = listeners(loopwire);

/** A listener whose `onMessage` fills an inbox. */
function echo(options) {
  const messages = new Inbox();
  const onMessage = (data, isBinary, connection) => messages.push({ data, isBinary, connection });
  return Object.assign(start({ onMessage, ...options }), { messages });
}

/** The reply to a message of a client. */
async function reply(client, message) {
  client.send(message);
  return client.next();
}

test.each(['sdk', 'root', 'protocol'])(
  'form %s: commands of an engine that is not there',
  async (form) => {
    const client = await connect(echo(), { form });
    if (form === 'protocol') await client.next();
    for (const type of [
      'terminal:execute',
      'file:watch',
      'git:clone',
      'snapshot:create',
      'file:no-such',
    ]) {
      const answer = JSON.parse(await reply(client, { type, data: { id: 'mine', command: 'ls' } }));
      expect(answer).toEqual({
        type: 'error',
        data: { code: 'NO_WORKSPACE', message: expect.any(String), id: 'mine', command: type },
        timestamp: expect.stringMatching(/Z$/),
      });
    }
    const text = await reply(client, { type: 'port:no-such', data: { id: 7 } });
    expect(text).toMatch(
      /^\{"type":"error","data":\{"code":"UNKNOWN_TYPE","message":"[^"]+","id":7,"command":"port:no-such"\},"timestamp":"/,
    );
    expect(JSON.parse(await reply(client, { type: 'terminal:list' })).data).not.toHaveProperty(
      'id',
    );
  },
);

test('data that is nested too deeply is refused, and the connection stays', async () => {
  const client = await connect(start());
  const deep = `{"type":"file:watch","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  expect(JSON.parse(await reply(client, deep)).data.code).toBe('BAD_MESSAGE');
  expect(await client.settle()).toEqual([]);
});

const STRANGE = [
  'hello',
  '',
  '{}',
  '[]',
  '{"type":7}',
  '{"type":"my:thing"}',
  Buffer.from([0, 255]),
];

test.each(['root', 'query', 'bearer', 'protocol'])(
  'form %s: an unknown message is answered BAD_MESSAGE without onMessage',
  async (form) => {
    const client = await connect(start(), { form });
    if (form === 'protocol') await client.next();
    for (const message of STRANGE) {
      expect(JSON.parse(await reply(client, message)).data.code).toBe('BAD_MESSAGE');
    }
  },
);

test("an SDK connection is answered nothing to what is nobody's", async () => {
  const client = await connect(start());
  STRANGE.forEach((message) => client.send(message));
  expect(await client.settle()).toEqual([]);
});

test('onMessage gets the message, whether it was binary, and its connection', async () => {
  const listener = echo();
  const sdk = await connect(listener);
  const v1 = await connect(listener, { form: 'protocol' });
  sdk.send('grüße');
  expect(await listener.messages.next()).toEqual({
    data: Buffer.from('grüße'),
    isBinary: false,
    connection: { id: 'conn-1', v1: false, form: 'sdk' },
  });
  v1.send(Buffer.from([0, 1, 255]));
  const { data, isBinary, connection } = await listener.messages.next();
  expect([Buffer.isBuffer(data), [...data], isBinary]).toEqual([true, [0, 1, 255], true]);
  expect(connection).toEqual({ id: 'conn-2', v1: true, form: 'sandbox' });
  v1.send('{"type":"my:thing"}');
  expect((await listener.messages.next()).data.toString()).toBe('{"type":"my:thing"}');
});

const body = (n) => `${n}:${'x'.repeat(20_000)}`;

test('three thousand messages while the application is blocked: reading pauses, none is lost', async () => {
  const listener = echo();
  // A process of its own: it sends while ours is blocked.
  const sender = runNode(`
    const socket = new (require('ws'))(${JSON.stringify(listener.url)});
    socket.on('open', () => {
      console.log('sending');
      for (let n = 0; n < 3000; n += 1) socket.send(n + ':' + 'x'.repeat(20000));
    });`);
  await sender.next();
  const before = process.memoryUsage.rss();
  const until = performance.now() + 500;
  while (performance.now() < until);
  // 60 MB are on their way; 64 messages wait here, the rest in the kernel and at the sender.
  expect(process.memoryUsage.rss() - before).toBeLessThan(24 * 1024 * 1024);
  for (let n = 0; n < 3000; n += 1) {
    expect((await listener.messages.next()).data.toString()).toBe(body(n));
  }
});

test('send() reaches that connection alone: a string as text, bytes as binary', async () => {
  const listener = start();
  const [one, two] = [await connect(listener), await connect(listener)];
  expect(listener.send('conn-1', 'for one')).toBe(true);
  expect(listener.send('conn-2', Buffer.from('for two'))).toBe(true);
  expect(await one.next()).toBe('for one');
  expect(await two.next()).toEqual(Buffer.from('for two'));
  expect(listener.send('conn-2', new Uint8Array([1, 2]).subarray(1))).toBe(true);
  expect(await two.next()).toEqual(Buffer.from([2]));
  expect(listener.send('conn-3', 'nobody')).toBe(false);
  await one.close();
  // The server has seen the close before the client hears of it, and forgets the connection a moment later.
  while (listener.connections().length > 1) await new Promise(setImmediate);
  expect(listener.send('conn-1', 'gone')).toBe(false);
});

test('send() to a client that does not read is false in the end, and the client can still be closed', async () => {
  const listener = start();
  const raw = await connectRaw(listener, { paused: true });
  const piece = Buffer.alloc(1024 * 1024);
  let sent = 0;
  while (listener.send('conn-1', piece)) sent += 1;
  expect(sent).toBeGreaterThanOrEqual(8);
  expect(sent).toBeLessThan(40);
  expect(listener.disconnect('conn-1')).toBe(true);
  raw.socket.resume();
  const frames = await raw.until(({ code }) => code !== undefined);
  expect(frames.length).toBe(sent + 1);
  expect(frames.at(-1).code).toBe(4001);
});

test('onConnection: open, active, standby, closed, each with its connection', async () => {
  const changes = new Inbox();
  const onConnection = ({ id, form, v1 }, change, info) =>
    changes.push([id, form, v1, change, info]);
  const listener = start({ onConnection });
  const first = await connect(listener);
  expect(await changes.take(2)).toEqual([
    ['conn-1', 'sdk', false, 'open', {}],
    ['conn-1', 'sdk', false, 'active', {}],
  ]);
  const second = await connect(listener, { flags: 'v=1' });
  expect(await changes.take(3)).toEqual([
    ['conn-2', 'sdk', true, 'open', {}],
    ['conn-1', 'sdk', false, 'standby', {}],
    ['conn-2', 'sdk', true, 'active', {}],
  ]);
  second.socket.close(3000, 'enough');
  const [active, closed] = await changes.take(2);
  expect(active).toEqual(['conn-1', 'sdk', false, 'active', {}]);
  expect(closed).toEqual(['conn-2', 'sdk', true, 'closed', { code: 3000, reason: 'enough' }]);
  first.socket.terminate();
  expect((await changes.next())[4]).toMatchObject({ code: 1006 });
  const third = await connect(listener, { form: 'root' });
  expect((await changes.next()).slice(0, 4)).toEqual(['conn-3', 'sandbox', false, 'open']);
  third.socket.close();
  expect((await changes.next())[4]).toEqual({ code: 1005, reason: '' });
});

test('closing in onMessage ends everything at once, half a batch of events included', async () => {
  const heard = [];
  const closed = new Inbox();
  const listener = loopwire.startEventListener(
    0,
    loopwire.generateToken(),
    (data) => {
      heard.push(data.toString());
      const until = performance.now() + 10;
      // Slower than a slice of the event loop: the rest of the batch waits for the next turn.
      while (performance.now() < until);
    },
    { onMessage: () => closed.push([heard.length, listener.close()]) },
  );
  const client = await connect(listener);
  for (let n = 0; n < 200; n += 1) loopwire.emit('log', String(n));
  client.send('close, please');
  const [count, done] = await closed.next();
  await done;
  expect(count).toBeLessThan(200);
  expect(heard.length).toBe(count);
});

/** Sends bytes that break a rule; gives the close that answers them. */
async function offend(bytes, options) {
  const raw = await connectRaw(start(options));
  raw.socket.write(bytes);
  const frames = await raw.until(({ code }) => code !== undefined);
  expect(await raw.closed).toBe(0);
  return frames.at(-1).code;
}

test('a message larger than maxMessageBytes is closed 1009, one of that size is taken', async () => {
  const listener = echo({ maxMessageBytes: 2048 });
  const client = await connect(listener);
  client.send('x'.repeat(2048));
  expect((await listener.messages.next()).data).toHaveLength(2048);
  client.send('x'.repeat(2049));
  expect((await client.closed).code).toBe(1009);
  const half = Buffer.concat([
    frame('text', 'x'.repeat(1500), { fin: false }),
    frame('continuation', 'x'.repeat(1500)),
  ]);
  expect(await offend(half, { maxMessageBytes: 2048 })).toBe(1009);
  // A length of 2^63 - 1, and not a byte of it.
  expect(await offend(Buffer.from('82ff7fffffffffffffff00000000', 'hex'))).toBe(1009);
});

test.each([
  ['text that is not UTF-8', frame('text', Buffer.from([0xff, 0xfe])), 1007],
  ['a frame without a mask', frame('text', 'hello', { masked: false }), 1002],
  ['a reserved opcode', Buffer.from('838000000000', 'hex'), 1002],
  ['a reserved bit: compression was not agreed on', Buffer.from('c18000000000', 'hex'), 1002],
  ['a ping in fragments', frame('ping', '', { fin: false }), 1002],
  ['a continuation of nothing', frame('continuation', 'x'), 1002],
])('%s is closed with the code that says so', async (_, bytes, code) => {
  expect(await offend(bytes)).toBe(code);
});

test('a million fragments of one byte are closed 1008, and memory stays flat', async () => {
  const raw = await connectRaw(start());
  const first = frame('text', 'x', { fin: false });
  const rest = Buffer.concat(Array(1_000_000).fill(frame('continuation', 'x', { fin: false })));
  const before = process.memoryUsage.rss();
  raw.socket.write(first);
  raw.socket.write(rest);
  const frames = await raw.until(({ code }) => code !== undefined);
  expect(frames.at(-1).code).toBe(1008);
  expect(process.memoryUsage.rss() - before).toBeLessThan(8 * 1024 * 1024);
  raw.socket.destroy();
});

test('a flood of pings is closed 1008', async () => {
  expect(await offend(Buffer.concat(Array(5000).fill(frame('ping', 'x'))))).toBe(1008);
});

test('beyond maxConnections: 503 with Retry-After, until one leaves', async () => {
  const listener = start({ maxConnections: 2 });
  const first = await connect(listener);
  await connect(listener);
  await expect(connect(listener)).rejects.toThrow('503');
  await first.close();
  while (listener.connections().length > 1) await new Promise(setImmediate);
  await connect(listener);
});
