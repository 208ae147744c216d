// What is told to `node:diagnostics_channel`.
'use strict';

const diagnostics = require('node:diagnostics_channel');
const loopwire = require('../..');
const { connect, listeners } = require('../support/channel/client.cjs');
const { folders } = require('../support/folders.cjs');
const { when } = require('../support/needs.cjs');
const { runNode } = require('../support/process/program.cjs');

// Registers `shutdown()` behind each test.
listeners(loopwire);
const newFolder = folders('diagnostics');
const start = (callback, options) =>
  loopwire.startEventListener(0, loopwire.generateToken(), callback, options);
const posix = when(process.platform !== 'win32', 'a shell');

const subscriptions = [];
afterEach(() => {
  for (const [name, told] of subscriptions.splice(0)) diagnostics.unsubscribe(name, told);
});

function subscribe(name) {
  const messages = [];
  const told = (message) => messages.push(message);
  diagnostics.subscribe(name, told);
  subscriptions.push([name, told]);
  return messages;
}

test('a listener opens and closes', async () => {
  const messages = subscribe('loopwire:listener');
  const listener = start(() => {});
  const { host, port } = listener;
  await listener.close();
  await listener.close();
  expect(messages).toEqual([
    { change: 'open', host, port },
    { change: 'close', host, port },
  ]);
});

test('connections come and go, beside onConnection', async () => {
  const messages = subscribe('loopwire:connection');
  const changes = [];
  const listener = start(() => {}, { onConnection: (who, change) => changes.push(change) });
  const client = await connect(listener);
  await client.close();
  while (changes.at(-1) !== 'closed') await new Promise(setImmediate);
  expect(messages.map(({ change }) => change)).toEqual(changes);
  const { host, port } = listener;
  expect(messages[0]).toEqual({
    change: 'open',
    host,
    port,
    connection: { id: 'conn-1', v1: false, form: 'sdk' },
  });
  expect(messages.at(-1)).toMatchObject({ change: 'closed', code: 1000 });
  // No listener, whose URL has the token, and no token.
  expect(JSON.stringify(messages)).not.toContain(new URL(listener.url).pathname.slice(4));
});

test('readers fall behind', async () => {
  const messages = subscribe('loopwire:behind');
  start(() => {});
  while (loopwire.emit('my:number', 'x'));
  expect(messages).toEqual([{ type: 'my:number' }]);
  await loopwire.drained();
});

posix.test('operations are traced', async () => {
  const workspace = loopwire.openWorkspace(newFolder());
  const ends = subscribe('tracing:loopwire:execute:asyncEnd');
  const begun = subscribe('tracing:loopwire:git:start');
  const failed = subscribe('tracing:loopwire:git:error');
  const snapshots = subscribe('tracing:loopwire:snapshot:error');
  const { exitCode } = await workspace.execute('exit 3');
  expect(ends).toMatchObject([{ command: 'exit 3', result: { exitCode } }]);

  // A traced operation is still one.
  const operation = workspace.git.fetch({ repoPath: 'none' });
  expect(operation.id).toBe('git-1');
  operation.cancel();
  for await (const progress of operation.progress) expect(progress).toBeDefined();
  const error = await operation.catch((reason) => reason);
  expect(begun).toMatchObject([{ action: 'fetch', id: 'git-1' }]);
  expect(failed).toMatchObject([{ error }]);

  const signal = AbortSignal.abort();
  const creating = workspace.snapshots.create({ signal });
  for await (const progress of creating.progress) expect(progress).toBeDefined();
  await expect(creating).rejects.toMatchObject({ code: 'ABORT_ERR' });
  expect(snapshots).toMatchObject([{ action: 'create' }]);
});

test('a traced operation that fails unheard is an unhandled rejection as ever', async () => {
  const child = runNode(`
    require('node:diagnostics_channel').subscribe('tracing:loopwire:forward:error', () => {
      console.log('traced');
    });
    process.on('unhandledRejection', () => console.log('unhandled'));
    loopwire.forward({ port: 60000, upstream: 'socks5://127.0.0.1:9' });`);
  expect((await child.take(2)).sort()).toEqual(['traced', 'unhandled']);
});
