// `drained()`: what to wait for after `emit` has returned false.
'use strict';

const { setImmediate: turn } = require('node:timers/promises');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { until } = require('../support/until.cjs');
const { runNode } = require('../support/process/program.cjs');

// Registers `shutdown()` behind each test.
listeners(loopwire);
const start = (callback, options) =>
  loopwire.startEventListener(0, loopwire.generateToken(), callback, options);
const { configure, drained, emit, generateToken, startEventListener } = loopwire;

/** The burst that every `npm test` sends; the whole one is a million (LOOPWIRE_BURST=1000000). */
const BURST = Number(process.env.LOOPWIRE_BURST ?? 200_000);

/** Publishes until `emit` says that this was too much. */
function fill() {
  while (emit('my:number', 'x'));
}

test('it resolves at once if nobody is behind', async () => {
  await drained();
  start(() => {});
  emit('my:number', '1');
  await drained();
});

test('a burst loses nothing, and memory stays within the bounds', async () => {
  let count = 0;
  let next = 0;
  let wrong = 0;
  const listener = start((data) => {
    wrong += JSON.parse(data).payload !== String(next);
    next += 1;
    count += 1;
  });
  let most = 0;
  let waits = 0;
  for (let n = 0; n < BURST; n += 1) {
    if (!emit('my:number', String(n))) {
      waits += 1;
      await drained();
      most = Math.max(most, listener.stats().journalBytes);
    }
  }
  await until(() => count === BURST, 'every event');
  expect(wrong).toBe(0);
  expect(most).toBeLessThanOrEqual(9 << 20);
  // One wait is enough for many events.
  expect(waits).toBeGreaterThan(0);
  expect(waits).toBeLessThanOrEqual(BURST / 10_000);
});

test('one turn of the event loop is not enough: it takes one batch', async () => {
  start(() => {});
  fill();
  await turn();
  // Room for a batch at most, and the next burst meets the mark at once.
  let room = 0;
  while (emit('my:number', 'x')) room += 1;
  expect(room).toBeLessThanOrEqual(4_096);
  await drained();
  while (emit('my:number', 'x')) room += 1;
  expect(room).toBeGreaterThan(10_000);
});

test('it waits for a loop as for a callback', async () => {
  configure({ journalEvents: 4096 });
  const iterator = startEventListener(0, generateToken())[Symbol.asyncIterator]();
  fill();
  const state = { isDrained: false };
  const done = drained().then(() => (state.isDrained = true));
  await turn();
  expect(state.isDrained).toBe(false);
  const loop = (async () => {
    for await (const event of iterator) expect(event.length).toBeGreaterThan(0);
  })();
  await done;
  await iterator.return();
  await loop;
});

test('it resolves when the reader that was behind is closed, and at shutdown', async () => {
  configure({ journalEvents: 4096 });
  const listener = startEventListener(0, generateToken());
  fill();
  const closed = drained();
  await listener.close();
  await closed;
  startEventListener(0, generateToken());
  fill();
  const over = Promise.all([drained(), drained()]);
  await loopwire.shutdown();
  await over;
  await drained();
});

test('a signal ends the wait', async () => {
  configure({ journalEvents: 4096 });
  startEventListener(0, generateToken());
  fill();
  const controller = new AbortController();
  const waiting = drained({ signal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
  await expect(drained({ signal: controller.signal })).rejects.toMatchObject({ code: 'ABORT_ERR' });
});

test('it does not keep the process alive for a reader that does not', async () => {
  const child = runNode(`
    loopwire.startEventListener(0, loopwire.generateToken()).unref();
    while (loopwire.emit('my:number', 'x'));
    loopwire.drained().then(() => console.log('drained'));
    console.log('waiting');`);
  expect(await child.next()).toBe('waiting');
  expect(await child.ended).toMatchObject({ code: 0 });
});
