// Release: closed listeners and ended runtimes keep neither memory nor the process.
'use strict';

const { loopwire } = require('../support/harness.cjs');
const { runNode } = require('../support/process/program.cjs');

test('a closed listener is collected, its callback and all', async () => {
  const child = runNode(
    `
    const { setTimeout: later } = require('node:timers/promises');
    let collected = 0;
    const registry = new FinalizationRegistry(() => (collected += 1));
    async function openAndClose() {
      const callback = () => {};
      registry.register(callback);
      const listener = loopwire.startEventListener(0, loopwire.generateToken(), callback, {
        onConnection() {},
      });
      loopwire.emit('my:event', 'x');
      await listener.close();
    }
    (async () => {
      for (let n = 0; n < 20; n += 1) await openAndClose();
      // Finalizers run in turns of their own.
      for (let turn = 0; turn < 100 && collected < 19; turn += 1) {
        global.gc();
        await later(5);
      }
      console.log(collected);
    })();`,
    { args: ['--expose-gc'] },
  );
  expect(Number(await child.next())).toBeGreaterThanOrEqual(19);
  expect(await child.ended).toMatchObject({ code: 0 });
});

test('shutdown() does not end what is started after it', async () => {
  const before = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
  const { epoch } = before.stats();
  const shutdown = loopwire.shutdown();
  let heard;
  const event = new Promise((resolve) => (heard = resolve));
  const after = loopwire.startEventListener(0, loopwire.generateToken(), (data) => heard(data));
  loopwire.emit('my:event', 'x');
  await shutdown;
  expect(before.closed).toBe(true);
  expect(after.closed).toBe(false);
  expect(after.stats().epoch).not.toBe(epoch);
  expect((await event).toString()).toBe('{"type":"my:event","payload":"x"}');
  await loopwire.shutdown();
});

test('a process ends when its listeners were shut down right after they were started', async () => {
  const child = runNode(`
    loopwire.startEventListener(0, loopwire.generateToken(), () => {});
    loopwire.emit('my:event', 'x');
    loopwire.shutdown().then(() => console.log('down'));`);
  expect(await child.next()).toBe('down');
  expect(await child.ended).toMatchObject({ code: 0 });
});

test('emit() inside a toJSON() of another event leaves that one its type', async () => {
  const texts = [];
  let done;
  const all = new Promise((resolve) => (done = resolve));
  const listener = loopwire.startEventListener(0, loopwire.generateToken(), (data) => {
    texts.push(data.toString());
    if (texts.length === 2) done();
  });
  // Beyond these, types share a place.
  for (let n = 0; n < 300; n += 1) expect(() => loopwire.emit(`t${n}`, 7)).toThrow('payload');
  loopwire.emit('outer', { toJSON: () => (loopwire.emit('inner', 'x'), { a: 1 }) });
  await all;
  expect(texts[0]).toBe('{"type":"inner","payload":"x"}');
  expect(texts[1]).toMatch(/^\{"type":"outer","data":\{"a":1\},/);
  await listener.close();
});

test('the URL of a wildcard can be connected to', async () => {
  const options = { host: '0.0.0.0', insecure: true };
  const token = loopwire.generateToken();
  const listener = loopwire.startEventListener(0, token, () => {}, options);
  expect(listener.url).toBe(`ws://127.0.0.1:${listener.port}/ws/${token}`);
  await listener.close();
});
