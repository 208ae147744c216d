// The callback: exceptions, slow callbacks and blocking never stop later events or the event loop.
'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { performance } = require('node:perf_hooks');
const { MessageChannel } = require('node:worker_threads');
const { loopwire, native } = require('../support/harness.cjs');
const { run } = require('../support/process/child.cjs');

const newNode = Number(process.versions.node.split('.')[0]) >= 21;
const { fill } = native.harness;
const TOKEN = loopwire.generateToken();
/** The most events that the pump drains at once. */
const MAX_BATCH_EVENTS = 1_024;

/** A listener whose callback gets each payload and its bytes. */
function listen(callback, options) {
  return loopwire.startEventListener(0, TOKEN, callback, options);
}

/** Resolves when `count` events have been taken by the function it comes with. */
function counted(count) {
  const events = [];
  let resolve;
  const all = new Promise((done) => (resolve = done));
  const take = (event) => {
    events.push(event);
    if (events.length === count) resolve(events);
  };
  return { all, take };
}

const payload = (data) => JSON.parse(data.toString()).payload;
const number = (data) => Number(payload(data).split(':')[1]);

afterEach(() => loopwire.shutdown());

describe('a callback that fails', () => {
  test('by throwing: uncaughtException gets each error, and later events still come', async () => {
    expect(await run('channel/failing', { args: ['throw'] })).toEqual({
      heard: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      failures: [
        'uncaughtException 0',
        'uncaughtException 3',
        'uncaughtException 6',
        'uncaughtException 9',
      ],
    });
  });

  test('by rejecting: unhandledRejection gets each error, and later events still come', async () => {
    expect(await run('channel/failing', { args: ['reject'] })).toEqual({
      heard: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      failures: [
        'unhandledRejection 0',
        'unhandledRejection 3',
        'unhandledRejection 6',
        'unhandledRejection 9',
      ],
    });
  });

  test('in onMessage and onConnection, too', async () => {
    expect(await run('channel/failing', { args: ['notices'] })).toEqual({
      heard: ['open', 'active', 'one', 'two'],
      failures: [
        'uncaughtException active',
        'uncaughtException one',
        'uncaughtException open',
        'uncaughtException two',
      ],
    });
  });
});

test('a slow callback does not starve the event loop', async () => {
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 1);
  const { all, take } = counted(100);
  listen((data) => {
    const until = performance.now() + 5;
    while (performance.now() < until);
    take(number(data));
  });
  fill({ count: 100 });
  expect(await all).toEqual(Array.from({ length: 100 }, (_, n) => n));
  clearInterval(timer);
  // A turn of the loop, and so a timer, for every few events of half a second.
  expect(ticks).toBeGreaterThan(30);
});

test('under full load the event loop turns after every few batches', async () => {
  let heard = 0;
  let before = 0;
  let most = 0;
  const { all, take } = counted(300_000);
  listen(() => {
    heard += 1;
    take(0);
  });
  const turn = () => {
    most = Math.max(most, heard - before);
    before = heard;
    if (heard < 300_000) setImmediate(turn);
  };
  turn();
  await Promise.all([native.harness.publish({ threads: 2, count: 150_000 }), all]);
  // One batch, or two where a call comes in the same turn. If the calls were re-armed from inside, thousands would.
  expect(most).toBeLessThanOrEqual(2 * MAX_BATCH_EVENTS);
});

test('a callback that publishes for ever does not starve the event loop', async () => {
  let stopped = false;
  let heard = 0;
  listen(() => {
    heard += 1;
    if (!stopped) loopwire.emit('my:event', 'again');
  });
  loopwire.emit('my:event', 'first');
  // If the loop did not turn, no timer would fire, and this would never end.
  for (let turns = 0; turns < 20; turns += 1) await sleep(1);
  stopped = true;
  expect(heard).toBeGreaterThan(20);
});

describe('the Buffers', () => {
  test('that are kept stay as they were', async () => {
    const { all, take } = counted(100);
    let n = 0;
    listen((data) => {
      if (n % 1_000 === 0) take(data);
      n += 1;
    });
    await native.harness.publish({ threads: 1, count: 100_000 });
    const kept = await all;
    expect(kept.map(number)).toEqual(Array.from({ length: 100 }, (_, at) => at * 1_000));
    expect(new Set(kept.map((data) => data.length))).toEqual(new Set([120]));
  });

  test('are changed without any other seeing it', async () => {
    const { all, take } = counted(2_000);
    listen((data) => {
      take(number(data));
      data.fill(0);
    });
    fill({ count: 2_000 });
    expect(await all).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
  });

  test('cannot be transferred away from under their neighbours', async () => {
    const { port1, port2 } = new MessageChannel();
    const { all, take } = counted(1_000);
    const outcomes = new Set();
    listen((data) => {
      try {
        port1.postMessage(data, [data.buffer]);
        outcomes.add('copied');
      } catch (error) {
        outcomes.add(error.name);
      }
      take(data);
    });
    fill({ count: 1_000 });
    const kept = await all;
    expect(kept.map(number)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    // Node 20 copies what must not be transferred; later ones say so.
    expect([...outcomes]).toEqual([newNode ? 'DataCloneError' : 'copied']);
    port1.close();
    port2.close();
  });

  test('are cloned by postMessage and structuredClone', async () => {
    const { port1, port2 } = new MessageChannel();
    const posted = counted(100);
    port2.on('message', (data) => posted.take(number(Buffer.from(data))));
    const { all, take } = counted(100);
    listen((data) => {
      port1.postMessage(data);
      take(number(Buffer.from(structuredClone(data))));
    });
    fill({ count: 100 });
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    expect(await all).toEqual(numbers);
    expect(await posted.all).toEqual(numbers);
    port1.close();
  });

  test.each([
    ['buffer', (data) => Buffer.isBuffer(data)],
    ['string', (data) => typeof data === 'string'],
    ['object', (data) => data.type === 'harness'],
  ])('of the format %s are what was asked for, up to the largest', async (format, fits) => {
    const { all, take } = counted(3);
    listen(take, { format });
    fill({ count: 1, bytes: 100 });
    fill({ count: 1, bytes: 1 << 20 });
    fill({ count: 1, bytes: 100 });
    expect((await all).every(fits)).toBe(true);
  });
});

test('fake timers do not stop the events', async () => {
  jest.useFakeTimers();
  try {
    const { all, take } = counted(10);
    const listener = listen((data) => take(payload(data)));
    // From a native thread, so that the waker is needed, too.
    await native.harness.lone({ count: 10, intervalUs: 2_000 });
    expect(await all).toHaveLength(10);
    await listener.close();
  } finally {
    jest.useRealTimers();
  }
});
