// How to test an application that uses Loopwire, with Jest: `npx jest --config examples/jest/jest.config.js`.
//
// Nothing is mocked: a listener on a free port takes a millisecond.
'use strict';

const { emit, generateToken, shutdown, startEventListener } = require('loopwire');
const { EventClient } = require('loopwire/client');
const WebSocket = require('ws');

/** What is tested: it says how far it is, as events. */
async function work(steps) {
  for (let step = 1; step <= steps; step += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    emit('work:step', { step, of: steps });
  }
  emit('work:done');
}

// The native core belongs to the process: what one test leaves open the next one would see.
afterEach(() => shutdown());

test('each step is told, in order', async () => {
  const listener = startEventListener(0, generateToken(), undefined, { format: 'object' });
  const working = work(3);
  const steps = [];
  for await (const { type, data } of listener) {
    if (type === 'work:done') break;
    steps.push(data.step);
  }
  await working;
  expect(steps).toEqual([1, 2, 3]);
});

test('a client hears of the end', async () => {
  const token = generateToken();
  const { port } = startEventListener(0, token, () => {});
  const client = new EventClient({ url: `ws://127.0.0.1:${port}`, token, WebSocket });
  const done = new Promise((resolve) => client.once('work:done', resolve));
  await client.connect();
  await work(3);
  await done;
  await client.close();
});
