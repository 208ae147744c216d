// A listener and its process: keeping it alive, closing, and never printing the token.
'use strict';

const { pathToFileURL } = require('node:url');
const util = require('node:util');
const loopwire = require('../..');
const { connect, listeners, request, tokenOf } = require('../support/channel/client.cjs');
const { root, run, runNode } = require('../support/process/program.cjs');

const start = listeners(loopwire);
const { emit } = loopwire;

/** A child that starts a listener and runs `code`; a timer would end it with 9 if it stayed alive. */
const child = (code) =>
  runNode(`
    const listener = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
    setTimeout(() => process.exit(9), 20000).unref();
    ${code}`);

test.each([
  ['unref', 'listener.unref();'],
  ['close', 'listener.close();'],
  [
    'close inside the callback',
    `
    const second = loopwire.startEventListener(0, loopwire.generateToken(), () => {
      second.close();
      listener.close();
    });
    loopwire.emit('log', 'x');`,
  ],
  ['stopCommunicate', 'loopwire.stopCommunicate();'],
  ['shutdown', 'loopwire.shutdown();'],
  [
    'an error at start',
    `
    listener.close();
    try { loopwire.startEventListener(0, 'no token', () => {}); } catch {}`,
  ],
])('a process ends by itself after %s', async (_, code) => {
  expect(await child(code).ended).toMatchObject({ code: 0, errors: '' });
});

test.each([
  ['a listener', ''],
  ['ref after unref', 'if (listener.unref().ref() !== listener) process.exit(8);'],
])('a process is kept alive by %s, until it is closed', async (_, code) => {
  const alive = child(`${code}
    process.on('beforeExit', () => process.exit(7));
    process.stdin.unref();
    process.stdin.once('data', () => listener.close().then(() => process.exit(0)));
    setTimeout(() => console.log('alive'), 300).unref();`);
  expect(await alive.next()).toBe('alive');
  alive.process.stdin.write('close\n');
  expect((await alive.ended).code).toBe(0);
});

test('a connected client alone does not keep an unref’d process', async () => {
  const ends = child(`
    console.log(listener.url);
    process.stdin.once('data', () => { listener.unref(); process.stdin.destroy(); });`);
  const url = await ends.next();
  const client = await connect({ url, port: new URL(url).port });
  ends.process.stdin.write('unref\n');
  expect((await ends.ended).code).toBe(0);
  expect([1001, 1006]).toContain((await client.closed).code);
});

test('import { … } gives every function of the package', async () => {
  const names = Object.keys(loopwire).sort();
  const code = `
    import * as all from ${JSON.stringify(pathToFileURL(require.resolve('../..')).href)};
    import { ${names.join(', ')} } from 'loopwire';
    console.log(Object.keys(all).filter((name) => !/default|module/.test(name)).sort().join());
    console.log([${names.join(', ')}].every((value) => typeof value === 'function'));`;
  const module = run(process.execPath, ['--input-type=module', '-e', code], { cwd: root });
  expect(await module.take(2)).toEqual([names.join(), 'true']);
  expect(await module.ended).toMatchObject({ code: 0 });
});

test('close() is idempotent, closes clients with 1001, frees the port, and then resolves', async () => {
  const listener = start();
  const client = await connect(listener);
  const first = listener.close();
  expect(listener.closed).toBe(true);
  expect(listener.close()).toBe(first);
  await first;
  expect(await client.closed).toEqual({ code: 1001, reason: 'the listener is closing' });
  await expect(request(listener, 'GET', '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await listener.close();
  const again = loopwire.startEventListener(listener.port, loopwire.generateToken(), () => {});
  expect(again.port).toBe(listener.port);
});

test('a closed listener still answers what it is asked, and sends nothing', async () => {
  const listener = start();
  await connect(listener);
  await listener.close();
  expect(listener.connections()).toEqual([]);
  expect(listener.stats()).toMatchObject({ connections: 0, opened: 1 });
  expect([listener.send('conn-1', 'x'), listener.disconnect('conn-1')]).toEqual([false, false]);
  expect(listener.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port: listener.port });
  expect(listener.ref().unref()).toBe(listener);
});

test.each(['close', 'stopCommunicate', 'shutdown'])(
  '%s inside the callback: it is not called again',
  async (how) => {
    const heard = [];
    let done;
    const ended = new Promise((resolve) => (done = resolve));
    const listener = loopwire.startEventListener(0, loopwire.generateToken(), (data) => {
      heard.push(data.toString());
      done(how === 'close' ? listener.close() : loopwire[how]());
    });
    const other = start();
    for (let n = 0; n < 100; n += 1) emit('log', String(n));
    await ended;
    if (how === 'close') await other.events.take(100);
    await listener.close();
    expect(heard).toEqual(['{"type":"log","payload":"0"}']);
  },
);

test('shutdown closes all; what comes afterwards starts afresh with a new epoch', async () => {
  const listener = start();
  const client = await connect(listener);
  const { epoch } = listener.stats();
  emit('log', 'before');
  await Promise.all([loopwire.shutdown(), loopwire.shutdown(), listener.close()]);
  expect((await client.closed).code).toBe(1001);
  expect(listener.closed).toBe(true);
  const next = start();
  expect(next.stats()).toMatchObject({ seq: 0 });
  expect(next.stats().epoch).not.toBe(epoch);
  emit('log', 'after');
  expect(await next.events.next()).toBe('{"type":"log","payload":"after"}');
});

test('stats count connections, refusals and events', async () => {
  const listener = start();
  await (await connect(listener)).close();
  await connect(listener);
  await request(listener, 'GET', '/ws/connections');
  ['one', 'two'].forEach((text) => emit('log', text));
  while (listener.connections().length > 1) await new Promise(setImmediate);
  expect(listener.stats()).toEqual({
    connections: 1,
    opened: 2,
    refused: 1,
    seq: 2,
    epoch: expect.stringMatching(/^[\w-]+$/),
    journalBytes: expect.any(Number),
    journalEvents: 2,
    noticesLost: 0,
  });
});

test('nothing but url and rotateToken shows the token', async () => {
  const listener = start();
  const token = tokenOf(listener);
  await connect(listener);
  const shown = [
    util.inspect(listener, { depth: 10, showHidden: true, getters: false }),
    util.inspect({ deep: { listener } }, { depth: 10 }),
    util.format('%s %o %O', listener, listener, listener),
    JSON.stringify(listener),
    String(listener),
    JSON.stringify([listener.connections(), listener.stats(), listener.address()]),
  ];
  try {
    loopwire.startEventListener(listener.port, token, () => {});
  } catch (error) {
    shown.push(util.inspect(error, { showHidden: true }));
  }
  expect(shown).toHaveLength(7);
  for (const text of shown) expect(text).not.toContain(token);
  expect(shown[0]).toMatch(
    /^ChannelListener \{ host: '127\.0\.0\.1', port: \d+, closed: false \}$/,
  );
});
