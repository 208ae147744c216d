// Watching files: as an application does it, and as clients do.
'use strict';

const { execFileSync } = require('node:child_process');
const { getEventListeners } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { connect, listeners, request, tokenOf } = require('../support/channel/client.cjs');
const { folders } = require('../support/folders.cjs');
const { when } = require('../support/needs.cjs');
const { until } = require('../support/until.cjs');

const start = listeners(loopwire);
const newFolder = folders('watch');
const linux = when(process.platform === 'linux', 'Linux: its /proc tells what is watched');
const posix = when(process.platform !== 'win32', 'a shell');

/** A workspace in a new directory. */
function open(options) {
  const folder = fs.realpathSync(newFolder());
  const workspace = loopwire.openWorkspace(folder, options);
  const file = (name) => path.join(folder, name);
  const write = (name, data = 'x') => fs.writeFileSync(file(name), data);
  return { workspace, folder, file, write };
}

/** A change in short: `created a.js`. */
const short = (folder, { changeType, path: name, oldPath }) =>
  [changeType, ...[oldPath, name].filter(Boolean).map((one) => path.relative(folder, one))].join(
    ' ',
  );

/** The changes up to the one of this name. */
async function changes(watch, last) {
  const all = [];
  for await (const change of { [Symbol.asyncIterator]: () => unended(watch) }) {
    all.push(change);
    if (path.basename(change.path) === last) return all;
  }
  throw new Error(`the watch ended before ${last}`);
}

/** Iterates without closing the watch. */
function unended(watch) {
  const iterator = watch[Symbol.asyncIterator]();
  return { next: () => iterator.next() };
}

describe('Workspace.watch', () => {
  test('tells what changes, in the form of the event, without any listener', async () => {
    const { workspace, folder, file, write } = open();
    const watch = workspace.watch('src/**/*.js');
    expect(await watch.ready).toEqual({ directories: expect.any(Number), polling: undefined });
    fs.mkdirSync(file('src/deep'), { recursive: true });
    write('src/deep/a.ts');
    write('src/deep/b.js', 'hello');
    const [change] = await changes(watch, 'b.js');
    expect(change).toEqual({
      path: path.join(folder, 'src', 'deep', 'b.js'),
      changeType: 'created',
      size: 5,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      isDirectory: false,
    });
    fs.renameSync(file('src/deep/b.js'), file('src/c.js'));
    const [renamed] = await changes(watch, 'c.js');
    expect(renamed).toMatchObject({
      changeType: 'renamed',
      oldPath: file('src/deep/b.js'),
      path: file('src/c.js'),
    });
    fs.rmSync(file('src/c.js'));
    const [gone] = await changes(watch, 'c.js');
    expect(gone).toMatchObject({ changeType: 'deleted', size: 0 });
  });

  test('takes kinds of changes, and what to ignore', async () => {
    const { workspace, folder, file, write } = open({ watch: 'onDemand' });
    fs.mkdirSync(file('node_modules'));
    write('old');
    const events = ['created', 'modified', 'deleted'];
    const some = workspace.watch('.', { events, ignore: ['*.log'] });
    const all = workspace.watch(['.'], { ignore: false });
    await Promise.all([some.ready, all.ready]);
    fs.renameSync(file('old'), file('new'));
    write('a.log');
    write('node_modules/b');
    const names = (list) => list.map((change) => short(folder, change)).sort();
    expect(names(await changes(all, 'b'))).toEqual([
      'created a.log',
      `created ${path.join('node_modules', 'b')}`,
      'renamed old new',
    ]);
    write('last');
    expect(names(await changes(some, 'last'))).toEqual([
      'created last',
      'created new',
      'deleted old',
    ]);
  });

  test('leaving the loop closes it; so does close(), and the end of the workspace', async () => {
    const { workspace, write } = open();
    const left = workspace.watch('.');
    await left.ready;
    write('a');
    for await (const { changeType } of left) {
      expect(changeType).toBe('created');
      break;
    }
    expect(await left[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });

    const closed = workspace.watch('.');
    const reading = closed[Symbol.asyncIterator]().next();
    await closed.ready;
    await closed.close();
    expect(await reading).toEqual({ done: true, value: undefined });
    await closed.close();

    const last = workspace.watch('.');
    await last.ready;
    const ended = last[Symbol.asyncIterator]().next();
    await workspace.close();
    expect(await ended).toEqual({ done: true, value: undefined });
    expect(() => workspace.watch('.')).toThrow(expect.objectContaining({ code: 'NO_WORKSPACE' }));
  });

  test('an AbortSignal ends it with an AbortError', async () => {
    const { workspace } = open();
    const aborting = new AbortController();
    const watch = workspace.watch('.', { signal: aborting.signal });
    await watch.ready;
    const reading = watch[Symbol.asyncIterator]().next();
    aborting.abort(new Error('enough'));
    const expected = { name: 'AbortError', code: 'ABORT_ERR', cause: { message: 'enough' } };
    await expect(reading).rejects.toMatchObject(expected);
    expect(() => workspace.watch('.', { signal: aborting.signal })).toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    const early = new AbortController();
    const begun = workspace.watch('.', { signal: early.signal });
    early.abort();
    await expect(begun.ready).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a signal keeps no watch that has ended', async () => {
    const { workspace } = open();
    const { signal } = new AbortController();
    const listening = () => getEventListeners(signal, 'abort').length;
    const refused = workspace.watch(`${'a'.repeat(300)}/b`, { signal });
    await expect(refused.ready).rejects.toMatchObject({ code: 'PATH_INVALID' });
    expect(listening()).toBe(0);
    const watch = workspace.watch('.', { signal });
    await watch.ready;
    const ended = watch[Symbol.asyncIterator]().next();
    expect(listening()).toBe(1);
    await workspace.close();
    await ended;
    expect(listening()).toBe(0);
  });

  const disposable = when(Symbol.asyncDispose, 'a Node with Symbol.asyncDispose');
  disposable.test('await using closes it', async () => {
    const { workspace } = open();
    const watch = workspace.watch('.');
    await watch[Symbol.asyncDispose]();
    expect(await watch[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });

  test('what cannot be watched throws, or rejects, and says why', async () => {
    const { workspace, file } = open({ maxWatches: 1 });
    for (const [args, code] of [
      [[], 'ERR_INVALID_ARG_TYPE'],
      [[7], 'ERR_INVALID_ARG_TYPE'],
      [[[7]], 'ERR_INVALID_ARG_TYPE'],
      [[[]], 'ERR_INVALID_ARG_VALUE'],
      [['!a'], 'ERR_INVALID_ARG_VALUE'],
      [['src/{a'], 'ERR_INVALID_ARG_VALUE'],
      [['a', { events: ['touched'] }], 'ERR_INVALID_ARG_VALUE'],
      [['a', { ignored: [] }], 'ERR_UNKNOWN_OPTION'],
      [['a', 7], 'ERR_INVALID_ARG_TYPE'],
      [['a', { signal: 7 }], 'ERR_INVALID_ARG_TYPE'],
      [['../a'], 'PATH_OUTSIDE'],
      [['/etc/*'], 'PATH_OUTSIDE'],
    ]) {
      expect(() => workspace.watch(...args)).toThrow(expect.objectContaining({ code }));
    }
    if (process.platform === 'win32') return;
    fs.symlinkSync('/etc', file('etc'));
    const out = workspace.watch('etc/*');
    await expect(out.ready).rejects.toMatchObject({ code: 'PATH_OUTSIDE' });
    await expect(out[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'PATH_OUTSIDE',
    });
    // Its place is free again.
    const one = workspace.watch('.');
    expect(() => workspace.watch('.')).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_WATCHES' }),
    );
    await one.close();
    await workspace.watch('.').ready;
  });

  test('does not keep the process alive, which the workspace does', async () => {
    const { folder } = open();
    const program = `const workspace = require('loopwire').openWorkspace(process.argv[1]).unref();
      (async () => { for await (const _ of workspace.watch('.')); })();
      process.on('exit', () => console.log('ended'));`;
    const args = [
      '-e',
      program.replace("'loopwire'", JSON.stringify(path.resolve(__dirname, '../..'))),
      folder,
    ];
    expect(execFileSync(process.execPath, args, { timeout: 20_000, encoding: 'utf8' })).toBe(
      'ended\n',
    );
  });

  test('is refused where watching is off', () => {
    const { workspace } = open({ watch: false });
    expect(() => workspace.watch('.')).toThrow(expect.objectContaining({ code: 'NOT_ENABLED' }));
  });

  posix.test('tells the tree that a burst leaves', async () => {
    const { workspace, folder } = open();
    const watch = workspace.watch('.');
    await watch.ready;
    // As a package manager does it: directories with files, written beside and renamed into place.
    const script = `for a in 1 2 3 4 5 6 7 8; do for b in 1 2 3 4 5 6 7 8; do
      mkdir -p pkg/.tmp-$a-$b/lib/deep && for c in 1 2 3; do echo $c > pkg/.tmp-$a-$b/lib/deep/$c.js; done
      mv pkg/.tmp-$a-$b pkg/$a-$b; done; done; rm -rf pkg/1-* ; sleep 0.2; touch last`;
    execFileSync('/bin/sh', ['-c', script], { cwd: folder });
    const told = new Set();
    for (const change of await changes(watch, 'last')) {
      expect(change.changeType).not.toBe('overflow');
      if (change.oldPath) told.delete(change.oldPath);
      if (change.changeType === 'deleted') told.delete(change.path);
      else told.add(change.path);
    }
    const there = fs
      .readdirSync(folder, { recursive: true })
      .map((name) => path.join(folder, name));
    expect([...told].sort()).toEqual(there.sort());
  });
});

describe('clients', () => {
  test('hear of everything until their first file:watch, and callbacks of all', async () => {
    const listener = start();
    const { folder, file, write } = open();
    const [page, other] = await Promise.all([
      connect(listener, { form: 'root' }),
      connect(listener, { form: 'query' }),
    ]);
    // Everything is watched once this is told.
    page.send({ type: 'file:watch', data: { id: 'ready', paths: ['.'] } });
    expect(await page.json()).toMatchObject({ type: 'file:watching' });
    page.send({ type: 'file:unwatch', data: { id: 'ready' } });
    expect(await page.json()).toMatchObject({ type: 'file:unwatch', data: { id: 'ready' } });
    const paths = [file('src/**/*.js')];
    page.send({ type: 'file:watch', data: { id: 1, paths, events: ['created'] } });
    expect(await page.json()).toMatchObject({ type: 'file:watching', data: { id: 1 } });
    fs.mkdirSync(file('src'));
    write('src/a.ts');
    write('src/b.js');
    expect(await page.json()).toMatchObject({ data: { path: file('src/b.js') } });
    // In any order: how long a file waits depends on what was seen of its writer.
    const all = await other.take(3);
    const heard = all.map((text) => short(folder, JSON.parse(text).data));
    expect(heard.sort()).toEqual(
      ['created src', 'created src/a.ts', 'created src/b.js'].map(path.normalize),
    );
    const seen = (await listener.events.take(3)).map((text) =>
      short(folder, JSON.parse(text).data),
    );
    expect(seen.sort()).toEqual(heard);
  });

  test('a workspace that is opened before the listener is watched, too', async () => {
    const { file, write } = open();
    const client = await connect(start(), { form: 'root' });
    // It begins with the listener, in the background: the first change may be too early.
    let at = 0;
    await until(() => {
      write(`a-${(at += 1)}`);
      return client.size > 0;
    });
    expect((await client.json()).data.path).toContain(file('a-'));
  });

  test('silence mutes changes of ignored files, too, and counts them', async () => {
    const listener = start();
    const { file, write } = open({ watch: 'onDemand' });
    fs.mkdirSync(file('node_modules'));
    const [client, always] = await Promise.all([
      connect(listener, { form: 'query' }),
      connect(listener, { form: 'query', flags: 'silent=true' }),
    ]);
    for (const one of [client, always]) {
      one.send({ type: 'file:watch', data: { id: 'w', paths: ['node_modules'] } });
      expect(await one.json()).toMatchObject({ type: 'file:watching' });
    }
    const setSilent = (headers) =>
      request(listener, 'POST', '/ws/connect', { token: tokenOf(listener), headers });
    await setSilent({ 'x-notify-type': 'silent' });
    for (const name of ['a', 'b', 'c']) write(path.join('node_modules', name));
    // The callback is told before silence ends.
    await listener.events.take(3);
    await setSilent({});
    expect(await client.json()).toMatchObject({ type: 'file:summary', data: { changed: 3 } });
    write(path.join('node_modules', 'd'));
    expect((await client.json()).data.path).toBe(file(path.join('node_modules', 'd')));
    expect(await always.settle()).toEqual([]);
  });

  linux.test('a thousand watches leave no descriptor and no inotify watch behind', async () => {
    const listener = start();
    const { file } = open({ watch: 'onDemand' });
    for (let at = 0; at < 20; at += 1) fs.mkdirSync(file(`d${at}/e`), { recursive: true });
    const client = await connect(listener, { form: 'root' });
    const ask = async (type, data, answer) => {
      client.send({ type, data });
      expect(await client.json()).toMatchObject({ type: answer, data: { id: 'w' } });
    };
    const round = async () => {
      await ask('file:watch', { id: 'w', paths: ['.'] }, 'file:watching');
      await ask('file:unwatch', { id: 'w' }, 'file:unwatch');
    };
    await round();
    await until(() => inotify() === 0);
    const before = fs.readdirSync('/proc/self/fd').length;
    for (let at = 0; at < 1_000; at += 1) await round();
    await ask('file:watch', { id: 'w', paths: ['.'] }, 'file:watching');
    expect(inotify()).toBeGreaterThanOrEqual(41);
    await ask('file:unwatch', { id: 'w' }, 'file:unwatch');
    await until(() => inotify() === 0);
    // The thread that has watched closes what it had when it ends.
    await until(() => fs.readdirSync('/proc/self/fd').length <= before);
  });
});

/** How many directories and files this process watches by inotify. */
function inotify() {
  let count = 0;
  for (const fd of fs.readdirSync('/proc/self/fdinfo')) {
    try {
      const text = fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
      count += text.split('\n').filter((line) => line.startsWith('inotify wd:')).length;
    } catch {
      // It was closed meanwhile.
    }
  }
  return count;
}
