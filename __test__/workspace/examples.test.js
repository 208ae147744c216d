// The examples of messages in `fixtures/examples.json` are said by a real listener with a real workspace, and all that is said
// has a type.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { loopwire, native } = require('../support/harness.cjs');
const fixtures = require('../../fixtures/examples.json');
const { connect, listeners } = require('../support/channel/client.cjs');
const { gitServer } = require('../support/git/http.cjs');
const { git, place, repository, serve } = require('../support/git/place.cjs');
const { tool, when } = require('../support/needs.cjs');
const { matches } = require('../support/wire/matches.cjs');

const start = listeners(loopwire);
const project = path.resolve(__dirname, '..', '..');

/** Whether an event is none of the application's own. */
const isOurs = ({ type }) => type !== 'my:event';

/** All that was said, to callbacks and to clients. */
const said = { callbacks: [], clients: [] };

/** A client all of whose messages are kept. */
async function open(listener, options) {
  const client = await connect(listener, { ...options, early: true });
  const next = async (type, about = () => true) => {
    const isIt = (text) => {
      if (typeof text !== 'string') return false;
      const message = JSON.parse(text);
      return message.type === type && about(message.data);
    };
    try {
      const taken = await client.until(isIt);
      const texts = taken.filter((one) => typeof one === 'string');
      said.clients.push(...texts.map((text) => JSON.parse(text)));
      return said.clients.at(-1);
    } catch (error) {
      throw new Error(`${type}, after ${JSON.stringify(said.clients.at(-1))}`, { cause: error });
    }
  };
  const ask = (type, data, end, about) => {
    client.send({ type, data });
    return next(end, about);
  };
  client.send({ type: 'ping' });
  return { client, next, ask };
}

function listen(options) {
  const listener = start({ format: 'object', detail: true, ...options });
  const { events } = listener;
  const push = events.push.bind(events);
  events.push = (event) => {
    said.callbacks.push(event);
    push(event);
  };
  return listener;
}

/** Connections, and what the channel says of itself. */
async function channel() {
  const listener = listen();
  loopwire.emit('my:event', 'one');
  const first = await open(listener, { form: 'protocol' });
  const { data } = await first.next('hello');
  loopwire.emit('my:event', 'two');
  await first.next('my:event');
  const since = (seq) => ({ form: 'protocol', flags: `epoch=${data.epoch}&since=${seq}` });
  const second = await open(listener, since(data.seq));
  await second.next('resumed');
  const third = await open(listener, since(data.seq + 1000));
  await third.next('gap');
  const old = await open(listener, { flags: 'v=1' });
  await old.next('hello');
  const young = await open(listener, { flags: 'v=1' });
  await old.next('standby');
  await young.client.close();
  await old.next('active');
  native.harness.arm('connection');
  third.client.send({ type: 'ping' });
  await first.next('fault');
  await listener.close();
  const beating = listen({ heartbeatMs: 500 });
  const calm = await open(beating, { form: 'query' });
  await calm.next('ping');
  await beating.close();
}

const isOf = (id) => (data) => data.id === id;

/** Commands and their ends. */
async function terminals({ ask }) {
  await ask('terminal:execute', { command: 'sleep 60', timeoutMs: 50, id: 't' }, 'terminal:exit');
  await ask('terminal:execute', { command: 'true' }, 'terminal:exit');
  const pty = { pty: true, cols: 120, rows: 30 };
  await ask('terminal:execute', { command: 'cat', ...pty, id: 'dev' }, 'terminal:started');
  await ask('terminal:execute', { pty: true, id: 7 }, 'terminal:started');
  await ask('terminal:list', {}, 'terminal:listed');
  await ask('terminal:execute', { command: 'exit 3', id: 'a' }, 'terminal:exit', isOf('a'));
  await ask('terminal:execute', { command: 'kill -TERM $$', id: 'b' }, 'terminal:exit', isOf('b'));
  await ask('terminal:list', { id: 'l' }, 'terminal:listed');
  for (const id of ['dev', 7])
    await ask('terminal:signal', { id, signal: 'SIGKILL' }, 'terminal:exit', isOf(id));
}

async function files({ ask, next }, listener, root) {
  await ask('file:write', { path: 'a.txt', content: 'hello' }, 'file:done');
  await ask('file:read', { path: 'a.txt' }, 'file:done');
  const bytes = await open(listener, { form: 'query', flags: 'binary=true' });
  await bytes.ask('file:watch', { paths: ['other'] }, 'file:watching');
  await ask('file:watch', { paths: ['.'], ignore: false, id: 'h' }, 'file:watching');
  fs.mkdirSync(path.join(root, 'node_modules'));
  await next('file:changed', ({ ignored }) => ignored === 1);
  fs.writeFileSync(path.join(root, 'b.txt'), 'other');
  await next('file:changed', (data) => data.path.endsWith('b.txt'));
  fs.renameSync(path.join(root, 'a.txt'), path.join(root, 'b.txt'));
  await next('file:changed', ({ replaced }) => replaced);
  await ask('file:unwatch', { id: 'h' }, 'file:unwatch');
}

async function snapshots({ ask }, root) {
  const write = (name, text) => fs.writeFileSync(path.join(root, name), text);
  write('node_modules/x.js', 'left out');
  write('a.txt', 'before');
  write('c.txt', 'deleted');
  const MOVED = 'moved, and long enough to be told as such\n'.repeat(20);
  write('d.txt', MOVED);
  const { data } = await ask('snapshot:create', {}, 'snapshot:created');
  write('a.txt', 'after that');
  write('new.txt', 'created');
  fs.rmSync(path.join(root, 'c.txt'));
  await ask('snapshot:diff', { from: data.commitHash }, 'snapshot:diff');
  fs.renameSync(path.join(root, 'd.txt'), path.join(root, 'e.txt'));
  await ask('snapshot:diff', { from: data.commitHash, id: 's' }, 'snapshot:diff');
  const { commitHash } = data;
  await ask('snapshot:restore', { commitHash, id: 's' }, 'snapshot:restored');
  await ask('snapshot:list', {}, 'snapshot:list');
  await ask('snapshot:delete', { commitHash }, 'snapshot:delete');
}

async function repositories({ ask, next, client }, home, url) {
  git(home, 'init', '-q', '--bare', 'empty.git');
  const empty = `file://${path.join(home, 'empty.git')}`;
  await ask('git:clone', { url: empty, targetDir: 'empty' }, 'git:complete');
  await ask('git:clone', { url, targetDir: 'copy', id: 'g' }, 'git:credentialsRequired');
  client.send({ type: 'git:credentials', data: { id: 'g', username: 'bob' } });
  await next('git:credentialsRequired', ({ kind }) => kind === 'password');
  await ask('git:credentials', { id: 'g', password: 'wrong horse' }, 'git:credentialsRequired');
  await ask('git:credentials', { id: 'g', cancel: true }, 'git:error');
}

const able = process.platform !== 'win32' && tool('git') !== null;

when(able, 'a shell, and git: apt-get install git').describe('the examples', () => {
  beforeAll(async () => {
    const { root, home, env } = place();
    await channel();
    await loopwire.shutdown();
    const source = repository();
    const server = await serve(gitServer(source.root, { users: { bob: 'correct horse' } }));
    const listener = listen();
    const snapshotDir = path.join(home, 'stores');
    const options = { env, snapshotDir, watch: 'onDemand', gitProtocols: ['file', 'http'] };
    loopwire.openWorkspace(root, options);
    const asker = await open(listener, { form: 'query' });
    await terminals(asker);
    await files(asker, listener, root);
    await snapshots(asker, root);
    await repositories(asker, home, `http://127.0.0.1:${server.port}/project.git`);
    await asker.ask('port:list', {}, 'port:list');
    await asker.ask('something', {}, 'error');
  }, 60_000);

  const live = fixtures.filter(({ unheard }) => unheard === undefined);
  test.each(live)('$name is said', ({ event, reply, message }) => {
    const example = event ?? reply ?? message;
    const all = [...said.callbacks, ...said.clients];
    const alike = all.filter(({ type }) => type === example.type);
    const heard = alike.some((one) => matches(example, one));
    expect({ example, alike, heard }).toMatchObject({ heard: true });
  });

  test('everything that was said has a type', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-said-'));
    try {
      fs.cpSync(path.join(project, 'types', 'wire'), path.join(folder, 'wire'), {
        recursive: true,
      });
      const lines = (all, type) =>
        all.filter(isOurs).map((one) => `one<wire.${type}>(${JSON.stringify(one)});`);
      const code = [
        "import type * as wire from './wire/index.js';",
        'declare function one<Type>(value: Type): void;',
        ...lines(said.callbacks, 'DetailedEvent'),
        ...lines(said.clients, 'ServerMessage'),
      ];
      expect(code.length).toBeGreaterThan(60);
      fs.writeFileSync(path.join(folder, 'said.ts'), `${code.join('\n')}\n`);
      const tsc = path.join(project, 'node_modules', 'typescript', 'bin', 'tsc');
      const args = [tsc, '--strict', '--noEmit', '--module', 'node20', '--types', '', 'said.ts'];
      expect(spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder }).stdout).toBe('');
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('an example that is not said has its reason', () => {
  for (const { name, unheard } of fixtures)
    expect([name, unheard === undefined || unheard.length > 10]).toEqual([name, true]);
});
