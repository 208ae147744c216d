// Resume: hello, sequence numbers, replay and gaps (PROTOCOL section 4).
'use strict';

const { loopwire, native } = require('../../support/harness.cjs');
const { connect, listeners } = require('../../support/channel/client.cjs');
const { connectRaw } = require('../../support/channel/raw.cjs');

const start = listeners(loopwire);
const { configure, emit } = loopwire;

const SMALL = { journalBytes: 65_536, journalEvents: 1024 };
const LARGE = { journalBytes: 64 * 1024 * 1024, journalEvents: 1_000_000 };
const USUAL = { journalBytes: 8 * 1024 * 1024, journalEvents: 65_536 };
beforeEach(() => configure(USUAL));

const v1 = (listener, flags = '', form = 'protocol') => connect(listener, { form, flags });
const gap = (from, to, reason) => JSON.stringify({ type: 'gap', data: { from, to, reason } });
const resumed = (from, to) => JSON.stringify({ type: 'resumed', data: { from, to } });
const log = (payload, seq) => JSON.stringify({ type: 'log', payload, seq });

/** The first message of a client: what it says of numbers and epoch. */
async function hello(client) {
  const { type, data } = await client.json();
  expect(type).toBe('hello');
  return data;
}

/** Publishes through a listener's callback, at its pace: nothing is in the reserve when this resolves. */
async function publish(listener, count, bytes = 120) {
  await native.harness.publish({ count, bytes });
  emit('my:mark', 'x');
  return (await listener.events.until((text) => text.includes('my:mark'))).length;
}

test('hello comes first, with its keys in order', async () => {
  const listener = start({ heartbeatMs: 12_345 });
  emit('log', 'before');
  const client = await v1(listener);
  const { epoch } = listener.stats();
  const text = await client.next();
  expect(text.replace(/"timestamp":".{24}"/, '"timestamp":""')).toBe(
    `{"type":"hello","data":{"connectionId":"conn-1","epoch":"${epoch}","seq":1,"active":true,"heartbeatMs":12345},"timestamp":""}`,
  );
  expect(text).toMatch(/"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"\}$/);
});

test('every event carries a last key seq; numbers rise, and skip what the connection does not see', async () => {
  const listener = start();
  const client = await v1(listener);
  const plain = await connect(listener, { form: 'root' });
  await hello(client);
  emit('log', 'one');
  emit('my:event', { deep: { seq: 'mine' } });
  emit('my:bare');
  expect(await client.next()).toBe(log('one', 1));
  expect(await client.next()).toMatch(
    /^\{"type":"my:event","data":.*,"timestamp":"[^"]+","seq":2\}$/,
  );
  expect(await client.next()).toBe('{"type":"my:bare","seq":3}');
  expect(await plain.next()).not.toContain('"seq":2');
});

test('a client that has seen nothing resumes from what hello said', async () => {
  const listener = start();
  const first = await v1(listener);
  const { epoch, seq } = await hello(first);
  await first.close();
  emit('log', 'missed');
  const second = await v1(listener, `epoch=${epoch}&since=${seq}`);
  await hello(second);
  expect(await second.take(2)).toEqual([resumed(1, 1), log('missed', 1)]);
});

test('resumed, then the missed events, then live ones', async () => {
  const listener = start();
  ['one', 'two', 'three'].forEach((text) => emit('log', text));
  const { epoch } = listener.stats();
  const client = await v1(listener, `epoch=${epoch}&since=1`);
  expect(await hello(client)).toMatchObject({ seq: 3 });
  emit('log', 'four');
  expect(await client.take(4)).toEqual([
    resumed(2, 3),
    log('two', 2),
    log('three', 3),
    log('four', 4),
  ]);
});

test('nothing missed: resumed has an empty range', async () => {
  const listener = start();
  emit('log', 'one');
  const client = await v1(listener, `epoch=${listener.stats().epoch}&since=1`);
  await hello(client);
  emit('log', 'two');
  expect(await client.take(2)).toEqual([resumed(2, 1), log('two', 2)]);
});

test('since=0 without an epoch gives all that the journal still holds', async () => {
  const listener = start();
  ['one', 'two'].forEach((text) => emit('log', text));
  const client = await v1(listener, 'since=0');
  await hello(client);
  expect(await client.take(3)).toEqual([resumed(1, 2), log('one', 1), log('two', 2)]);
});

test("numbers of another epoch: a gap 'restart', then all of this one", async () => {
  const first = start();
  emit('log', 'lost');
  const { epoch } = first.stats();
  await loopwire.shutdown();
  const second = start();
  expect(second.stats().epoch).not.toBe(epoch);
  ['one', 'two'].forEach((text) => emit('log', text));
  const client = await v1(second, `epoch=${epoch}&since=1`);
  await hello(client);
  const texts = await client.take(4);
  expect(JSON.parse(texts[0])).toMatchObject({ type: 'gap', data: { reason: 'restart' } });
  expect(texts.slice(1)).toEqual([resumed(1, 2), log('one', 1), log('two', 2)]);
});

test("a number that is not there yet: a gap 'ahead', then live events", async () => {
  const listener = start();
  emit('log', 'one');
  const client = await v1(listener, `epoch=${listener.stats().epoch}&since=5`);
  await hello(client);
  emit('log', 'two');
  expect(await client.take(3)).toEqual([gap(2, 5, 'ahead'), resumed(2, 1), log('two', 2)]);
});

test("what was overwritten: a gap 'overflow' with the exact numbers, then the rest", async () => {
  configure(SMALL);
  const listener = start();
  const head = await publish(listener, 5000);
  const client = await v1(listener, `epoch=${listener.stats().epoch}&since=7`);
  await hello(client);
  const [first, second] = [await client.json(), await client.json()];
  expect(first).toMatchObject({ type: 'gap', data: { from: 8, reason: 'overflow' } });
  expect(second).toEqual({ type: 'resumed', data: { from: first.data.to + 1, to: head } });
  const rest = await client.take(head - first.data.to);
  const numbers = rest.map((text) => JSON.parse(text).seq);
  expect(numbers).toEqual(rest.map((_, n) => first.data.to + 1 + n));
  expect(rest.length).toBeGreaterThan(100);
  expect(rest.length).toBeLessThanOrEqual(1024);
});

test("a resume on the SDK's form concerns that connection and leaves the slot where it is", async () => {
  const listener = start();
  ['one', 'two'].forEach((text) => emit('log', text));
  const resuming = await v1(listener, 'v=1&since=0', 'sdk');
  await hello(resuming);
  expect(await resuming.take(3)).toEqual([resumed(1, 2), log('one', 1), log('two', 2)]);
  const plain = await connect(listener);
  emit('log', 'three');
  expect(await plain.next()).toBe('{"type":"log","payload":"three"}');
});

test('a hundred resumes under load: every number once, in order, without a seam', async () => {
  configure(LARGE);
  const listener = start();
  const events = 20_000;
  const load = native.harness.publish({ threads: 4, count: events / 4, bytes: 120 });
  const { epoch } = listener.stats();
  let seen = 0;
  let resumes = 0;
  const payloads = [];
  while (seen < events) {
    const client = await v1(listener, `epoch=${epoch}&since=${seen}`);
    await hello(client);
    expect(await client.json()).toMatchObject({ type: 'resumed', data: { from: seen + 1 } });
    const some = Math.min(events - seen, 199);
    for (const text of await client.take(some)) {
      const { seq, payload } = JSON.parse(text);
      if (seq !== seen + 1) throw new Error(`${seq} after ${seen}`);
      seen = seq;
      payloads.push(payload);
    }
    client.socket.terminate();
    resumes += 1;
  }
  await load;
  const told = await listener.events.take(events);
  expect(told.every((text, n) => JSON.parse(text).payload === payloads[n])).toBe(true);
  expect(resumes).toBeGreaterThan(100);
});

/** Publishes far more than the kernel takes for a client that does not read. */
const flood = (listener) => publish(listener, 15_000, 1000);

test('a plain connection that is overtaken is closed 4013', async () => {
  configure(SMALL);
  const listener = start();
  const deaf = await connectRaw(listener, { paused: true });
  await flood(listener);
  deaf.socket.resume();
  const frames = await deaf.until(({ code }) => code !== undefined);
  expect(frames.at(-1)).toMatchObject({ code: 4013, reason: expect.stringContaining('overtaken') });
  // What came before is whole, in order and without a hole.
  const numbers = frames.slice(0, -1).map(({ body }) => Number(body.split(':')[3]));
  expect(numbers.every((number, n) => number === n)).toBe(true);
  expect(await deaf.closed).toBe(0);
});

test('a newcomer does not pay for a holder of the slot that hangs', async () => {
  configure(SMALL);
  const listener = start();
  await connectRaw(listener, { paused: true });
  await flood(listener);
  // The place that the holder gives back is long overwritten: that is the holder's loss.
  const fresh = await connect(listener);
  emit('my:event', 'x');
  expect(await fresh.next()).toBe('{"type":"my:event","payload":"x"}');
});

test('a client that keeps up misses nothing of the smallest journal there is', async () => {
  configure(SMALL);
  const listener = start();
  const client = await connect(listener);
  for (let n = 0; n < 3_000; n += 1) {
    emit('my:event', String(n));
    expect(await client.next()).toBe(`{"type":"my:event","payload":"${n}"}`);
  }
});

test('a v1 connection that falls behind gets the exact range that it missed', async () => {
  configure(SMALL);
  const listener = start();
  const { pathname } = new URL(listener.url);
  const deaf = await connectRaw(listener, { path: `${pathname}?v=1`, paused: true });
  const head = await flood(listener);
  deaf.socket.resume();
  let [next, gaps] = [1, 0];
  while (next <= head) {
    const { type, seq, data } = JSON.parse((await deaf.next()).body);
    if (type === 'hello') continue;
    const from = type === 'gap' ? data.from : seq;
    if (from !== next) throw new Error(`${from} instead of ${next}`);
    gaps += type === 'gap' && data.reason === 'overflow';
    next = (type === 'gap' ? data.to : seq) + 1;
  }
  expect(next).toBe(head + 1);
  expect(gaps).toBeGreaterThan(0);
});

test.each(['since=-1', 'since=x', 'since=', 'since=1&since=2', 'epoch=', 'epoch=a/b', 'v=2'])(
  'a flag that cannot be: %s is answered 400',
  async (flags) => {
    await expect(v1(start(), flags)).rejects.toThrow('400');
  },
);
