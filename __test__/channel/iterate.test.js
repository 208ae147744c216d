// `for await (const event of listener)`: what a callback gets, pulled.
'use strict';

const { setImmediate: turn } = require('node:timers/promises');
const { loopwire, native } = require('../support/harness.cjs');
const { connect, listeners } = require('../support/channel/client.cjs');
const { runNode } = require('../support/process/program.cjs');

const { emit, generateToken, startEventListener } = loopwire;
// Registers `shutdown()` behind each test.
listeners(loopwire);

/** A listener that is iterated: it has no callback. */
const iterated = (options, callback) => startEventListener(0, generateToken(), callback, options);

/** The next `count` events of an iterator, as objects. */
async function take(iterator, count) {
  const taken = [];
  while (taken.length < count) {
    const { value, done } = await iterator.next();
    if (done) break;
    taken.push(JSON.parse(value));
  }
  return taken;
}

const numbers = (from, to) => Array.from({ length: to - from }, (_, n) => String(from + n));
const publish = (from, to) => numbers(from, to).forEach((n) => emit('my:number', n));
const payloads = (events) => events.map(({ payload }) => payload);

test.each([undefined, null])(
  'without a callback (%s) the first loop has all events since the start',
  async (callback) => {
    const listener = iterated({}, callback);
    publish(0, 3_000);
    await turn();
    const seen = [];
    for await (const event of listener) {
      expect(Buffer.isBuffer(event)).toBe(true);
      if (seen.push(JSON.parse(event)) === 3_000) break;
    }
    expect(payloads(seen)).toEqual(numbers(0, 3_000));
    expect(listener.closed).toBe(false);
  },
);

test('leaving a loop ends it alone; the next one begins with what comes then', async () => {
  const listener = iterated();
  publish(0, 3);
  for await (const event of listener) {
    expect(JSON.parse(event).payload).toBe('0');
    break;
  }
  publish(3, 5);
  const second = listener[Symbol.asyncIterator]();
  publish(5, 7);
  expect(payloads(await take(second, 2))).toEqual(numbers(5, 7));
});

test('two loops and a callback have the same events in the same order', async () => {
  const called = [];
  const listener = iterated({}, (data) => called.push(JSON.parse(data).payload));
  const loops = [0, 1].map(() => take(listener[Symbol.asyncIterator](), 5_000));
  publish(0, 5_000);
  for (const events of await Promise.all(loops))
    expect(payloads(events)).toEqual(numbers(0, 5_000));
  expect(called).toEqual(numbers(0, 5_000));
});

test('calls of next that overlap are answered in their order', async () => {
  const iterator = iterated()[Symbol.asyncIterator]();
  const waiting = [iterator.next(), iterator.next(), iterator.next()];
  publish(0, 3);
  const events = await Promise.all(waiting);
  expect(events.map(({ value }) => JSON.parse(value).payload)).toEqual(numbers(0, 3));
});

test.each([
  ['string', (event) => expect(event).toBe('{"type":"my:number","payload":"7"}')],
  ['object', (event) => expect(event).toEqual({ type: 'my:number', payload: '7' })],
])('an event has the format of the listener: %s', async (format, check) => {
  const listener = iterated({ format });
  // Alone, and in a batch.
  for (const count of [1, 2]) {
    const iterator = listener[Symbol.asyncIterator]();
    for (let n = 0; n < count; n += 1) emit('my:number', '7');
    const { value } = await iterator.next();
    check(value);
    await iterator.return();
  }
});

test('with detail an event has its data', async () => {
  const listener = iterated({ detail: true, format: 'object' });
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', 61_000, 5);
  for await (const event of listener) {
    expect(event).toMatchObject({
      type: 'settingPortChange',
      payload: '61000:5',
      data: { start: 61_000, count: 5 },
    });
    break;
  }
});

test.each([
  ['close()', (listener) => listener.close()],
  ['stopCommunicate()', () => loopwire.stopCommunicate()],
  ['shutdown()', () => loopwire.shutdown()],
])('%s ends a loop that waits, and one that has events', async (name, close) => {
  const listener = iterated();
  const waiting = listener[Symbol.asyncIterator]();
  const next = waiting.next();
  const other = listener[Symbol.asyncIterator]();
  publish(0, 1);
  await next;
  const last = waiting.next();
  await close(listener);
  expect(await last).toEqual({ done: true, value: undefined });
  // As a callback is not called any more, an event that was not taken is not given any more.
  expect(await other.next()).toEqual({ done: true, value: undefined });
  expect(await listener[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
});

test('an aborted signal closes the listener, and the loop that waits throws AbortError', async () => {
  const controller = new AbortController();
  const listener = iterated({ signal: controller.signal });
  const reason = new Error('enough');
  const loop = (async () => {
    for await (const event of listener) expect(event).toBeUndefined();
  })();
  await turn();
  controller.abort(reason);
  await expect(loop).rejects.toMatchObject({
    name: 'AbortError',
    code: 'ABORT_ERR',
    cause: reason,
  });
  expect(listener.closed).toBe(true);
  await listener.close();
});

test('publishers wait for a loop that does not take its events, and nothing is lost', async () => {
  loopwire.configure({ journalBytes: 64 << 10 });
  const listener = iterated();
  const iterator = listener[Symbol.asyncIterator]();
  // A native producer, which waits as engines do.
  const published = native.harness.publish({ count: 20_000 });
  const first = await iterator.next();
  expect(first.done).toBe(false);
  expect(listener.stats().journalBytes).toBeLessThanOrEqual(128 << 10);
  let count = 1;
  for await (const event of iterator) {
    expect(event.length).toBeGreaterThan(0);
    count += 1;
    if (count === 20_000) break;
  }
  await published;
  expect(count).toBe(20_000);
});

test('timers have their turns beside a loop that has more events than it can take', async () => {
  const listener = iterated();
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 1);
  const published = native.harness.publish({ count: 200_000, bytes: 60 });
  let count = 0;
  for await (const event of listener) {
    if ((count += event.length > 0) === 200_000) break;
  }
  clearInterval(timer);
  await published;
  expect(ticks).toBeGreaterThan(3);
});

test('messages of clients come while a loop does not take its events', async () => {
  let got;
  const message = new Promise((resolve) => {
    got = resolve;
  });
  const listener = iterated({ onMessage: (data) => got(data.toString()) });
  publish(0, 1_000);
  const client = await connect(listener);
  client.send('hello');
  expect(await message).toBe('hello');
});

test('an iterator that was dropped without its end holds nobody back', async () => {
  const child = runNode(
    `
    const turn = require('node:timers/promises').setImmediate;
    (async () => {
      loopwire.configure({ journalEvents: 1024 });
      const listener = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
      (() => listener[Symbol.asyncIterator]())();
      for (let n = 0; n < 900; n += 1) loopwire.emit('my:number', String(n));
      while (!loopwire.emit('my:number', 'x')) {
        global.gc();
        await turn();
      }
      console.log('free');
      await listener.close();
    })();`,
    { args: ['--expose-gc'] },
  );
  expect(await child.next()).toBe('free');
  expect(await child.ended).toMatchObject({ code: 0 });
});

test('one warning says that a listener without a callback is not iterated and publishers wait', async () => {
  const child = runNode(`
    process.on('warning', ({ code }) => {
      console.log(code);
      process.exit();
    });
    loopwire.configure({ journalEvents: 1024 });
    loopwire.startEventListener(0, loopwire.generateToken());
    while (loopwire.emit('my:number', 'x'));`);
  expect(await child.next()).toBe('LOOPWIRE_NOT_ITERATED');
  expect(await child.ended).toMatchObject({ code: 0 });
});

test('a loop that waits does not keep the process alive: its listener does', async () => {
  const child = runNode(`
    const listener = loopwire.startEventListener(0, loopwire.generateToken()).unref();
    (async () => {
      for await (const event of listener) console.log(String(event));
    })();
    console.log('waiting');`);
  expect(await child.next()).toBe('waiting');
  expect(await child.ended).toMatchObject({ code: 0 });
});
