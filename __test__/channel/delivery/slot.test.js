// The slot: which connection receives events, which ones stand by, and where each continues (PROTOCOL sections 1 and 2).
'use strict';

const { loopwire, native } = require('../../support/harness.cjs');
const { connect, listeners } = require('../../support/channel/client.cjs');
const { connectRaw, frame } = require('../../support/channel/raw.cjs');
const { until } = require('../../support/until.cjs');

const start = listeners(loopwire);
const { emit } = loopwire;
const json = (type, payload) => JSON.stringify({ type, payload });

test('a standby connection stays open and silent, and continues where the active one stopped', async () => {
  const listener = start();
  const old = await connect(listener);
  emit('log', 'one');
  expect(await old.next()).toBe(json('log', 'one'));
  const holder = await connect(listener);
  emit('log', 'two');
  expect(await holder.next()).toBe(json('log', 'two'));
  expect(await old.settle()).toEqual([]);
  expect(listener.connections().map(({ active }) => active)).toEqual([false, true]);

  await holder.close();
  emit('log', 'three');
  expect(await old.next()).toBe(json('log', 'three'));
  expect(listener.connections().map(({ active }) => active)).toEqual([true]);
});

test('the newest of those that stayed takes the slot back', async () => {
  const listener = start();
  const clients = [];
  for (let n = 0; n < 4; n += 1) clients.push(await connect(listener));
  const [oldest, second, third, newest] = clients;
  await second.close();
  await newest.close();
  emit('log', 'for the third');
  expect(await third.next()).toBe(json('log', 'for the third'));
  expect(await oldest.settle()).toEqual([]);
});

test("an empty slot's next taker starts at the head", async () => {
  const listener = start();
  const first = await connect(listener);
  await first.close();
  // The client has closed. The slot is empty once the listener has noticed that, too.
  await until(() => listener.connections().length === 0);
  emit('log', 'nobody is there');
  await listener.events.next();
  const second = await connect(listener);
  emit('log', 'live');
  expect(await second.next()).toBe(json('log', 'live'));
});

test("delivery: 'all' lets every connection of the SDK's form receive", async () => {
  const listener = start({ delivery: 'all' });
  const clients = [await connect(listener), await connect(listener), await connect(listener)];
  emit('log', 'for all');
  for (const client of clients) expect(await client.next()).toBe(json('log', 'for all'));
  expect(listener.connections().every(({ active }) => active)).toBe(true);
});

test("delivery: 'last' is the default and can be said", async () => {
  const listener = start({ delivery: 'last' });
  const [first, second] = [await connect(listener), await connect(listener)];
  emit('log', 'for the last');
  expect(await second.next()).toBe(json('log', 'for the last'));
  expect(await first.settle()).toEqual([]);
});

test.each(['sdk', 'root'])(
  'form %s: what is published once the client is connected reaches it',
  async (form) => {
    const listener = start();
    for (let n = 0; n < 200; n += 1) {
      const client = await connect(listener, { form, early: true });
      emit('my:event', String(n));
      expect(await client.next()).toBe(json('my:event', String(n)));
      await client.close();
    }
  },
);

/** One event of each topic that an application can publish. */
function publishTopics() {
  emit('log', 'forward');
  emit('my:event', 'app');
  emit('file:changed', { path: '/a' });
  emit('git:complete', { id: 'a' });
}
const types = (texts) => texts.map((text) => JSON.parse(text).type);
const ALL = ['log', 'my:event', 'file:changed', 'git:complete'];

test.each(['root', 'query', 'bearer'])(
  'sandbox form %s: all receive, but no forward events',
  async (form) => {
    const listener = start();
    const clients = [await connect(listener, { form }), await connect(listener, { form })];
    publishTopics();
    emit('my:end', 'x');
    for (const client of clients) {
      const texts = await client.take(4);
      expect(types(texts)).toEqual(['my:event', 'file:changed', 'git:complete', 'my:end']);
      expect(texts[1]).toMatch(
        /^\{"type":"file:changed","data":\{"path":"\/a"\},"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"\}$/,
      );
    }
    expect(listener.connections().map((row) => row.form)).toEqual(['sandbox', 'sandbox']);
  },
);

test("the SDK's form sees forward and application events alone", async () => {
  const client = await connect(start());
  publishTopics();
  emit('my:end', 'x');
  expect(types(await client.take(3))).toEqual(['log', 'my:event', 'my:end']);
});

test.each([
  ['protocol', ''],
  ['sdk', 'v=1'],
  ['root', 'v=1'],
  ['bearer', 'v=1'],
])('loopwire.v1 by the form %s sees every topic, and so does the callback', async (form, flags) => {
  const listener = start();
  const client = await connect(listener, { form, flags });
  expect(client.socket.protocol).toBe(form === 'protocol' ? 'loopwire.v1' : '');
  expect((await client.json()).type).toBe('hello');
  publishTopics();
  expect(types(await client.take(4))).toEqual(ALL);
  expect(types(await listener.events.take(4))).toEqual(ALL);
});

test('v1 connections get standby and active, and the range that others received meanwhile', async () => {
  const listener = start();
  const v1 = await connect(listener, { flags: 'v=1' });
  expect((await v1.json()).data).toMatchObject({ active: true, seq: 0 });
  emit('log', 'one');
  expect(await v1.next()).toBe('{"type":"log","payload":"one","seq":1}');
  const plain = await connect(listener);
  expect(await v1.next()).toBe('{"type":"standby","data":{"seq":1}}');
  emit('log', 'two');
  await plain.next();
  await plain.close();
  expect(await v1.next()).toBe('{"type":"active","data":{"seq":2}}');
  expect(await v1.next()).toBe('{"type":"gap","data":{"from":2,"to":2,"reason":"standby"}}');
  emit('log', 'three');
  expect(await v1.next()).toBe('{"type":"log","payload":"three","seq":3}');
});

test('a connection that missed nothing becomes active again without a gap', async () => {
  const listener = start();
  const v1 = await connect(listener, { flags: 'v=1' });
  const other = await connect(listener);
  await other.close();
  emit('log', 'one');
  expect((await v1.take(4)).slice(1)).toEqual([
    '{"type":"standby","data":{"seq":0}}',
    '{"type":"active","data":{"seq":0}}',
    '{"type":"log","payload":"one","seq":1}',
  ]);
});

test('a new connection in the middle of a 1 MiB message: the frame is finished, later events go to the new one', async () => {
  const listener = start();
  const deaf = await connectRaw(listener, { paused: true });
  const bodies = [];
  for (let n = 0; n < 7; n += 1) {
    const payload = String(n).repeat(1024 * 1024 - 64);
    bodies.push(json('big', payload));
    emit('big', payload);
  }
  const fresh = await connect(listener);
  const second = await fresh.until((text) => text === bodies[6]);
  deaf.socket.resume();
  const first = [];
  // What the old holder has is whole frames; its pong comes behind the last one.
  await deaf.write(frame('text', '{"type":"ping"}'));
  for (;;) {
    const { body } = await deaf.next();
    if (body.startsWith('{"type":"pong"')) break;
    first.push(body);
  }
  expect(first.length).toBeGreaterThan(0);
  expect(second.length).toBeGreaterThan(0);
  expect([...first, ...second].map((text) => text.length)).toEqual(bodies.map((b) => b.length));
  expect([...first, ...second].every((text, n) => text === bodies[n])).toBe(true);
});

const rising = (list) => list.every((place, n) => n === 0 || place > list[n - 1]);

test('thousands of swaps under load: order kept, each event at exactly one connection', async () => {
  const [swaps, events] = [2000, 20_000];
  const listener = start();
  const clients = [await connect(listener)];
  const load = { running: true };
  native.harness.lone({ count: events, intervalUs: 20 }).then(() => (load.running = false));
  const closing = [];
  while (clients.length <= swaps || load.running) {
    clients.push(await connect(listener, { early: true }));
    // Now and then the old one is gone before the new one holds the slot, or behind it in the queue.
    closing.push(clients.at(-2).close());
  }
  await Promise.all(closing);
  emit('my:end', 'x');
  const last = clients.at(-1);
  const heard = clients.slice(0, -1).map((client) => client.drain());
  heard.push(await last.until((text) => text === json('my:end', 'x')));

  // Each event's place in the callback, which hears everything in order.
  const told = new Map((await listener.events.take(events + 1)).map((text, n) => [text, n]));
  const places = heard.map((texts) => texts.map((text) => told.get(text)));
  expect(places.every(rising)).toBe(true);
  const all = places.flat().sort((one, other) => one - other);
  expect(all.length).toBe(events + 1);
  expect(all.every((place, n) => place === n)).toBe(true);
}, 60_000);
