// `Workspace.snapshots` as an application uses it, and the commands of clients.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { connect, listeners } = require('../support/channel/client.cjs');
const { folders } = require('../support/folders.cjs');
const { when } = require('../support/needs.cjs');
const { runNode } = require('../support/process/program.cjs');

const start = listeners(loopwire);
const newFolder = folders('snapshots');
const HASH = /^[0-9a-f]{40}$/;

const directory = () => fs.realpathSync(newFolder());

/** A workspace in a new directory, with a store that ends with the test. */
function open(options) {
  const folder = directory();
  const workspace = loopwire.openWorkspace(folder, { snapshotDir: directory(), ...options });
  const write = (name, text) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  };
  const read = (name) => fs.readFileSync(path.join(folder, name), 'utf8');
  const has = (name) => fs.existsSync(path.join(folder, name));
  return { workspace, snapshots: workspace.snapshots, folder, write, read, has };
}

/** All of what an async iterable gives. */
async function all(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** The bytes of all files beneath a directory. */
function bytes(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce(
    (sum, file) => sum + fs.statSync(path.join(file.parentPath ?? file.path, file.name)).size,
    0,
  );
}

const isCreated = (text) => JSON.parse(text).type === 'snapshot:created';

/** The types of all events that are the end of something. */
const ends = (texts) =>
  texts.map((text) => JSON.parse(text).type).filter((type) => type !== 'snapshot:progress');

const posix = when(process.platform !== 'win32', 'a POSIX system');

posix.describe('an application', () => {
  test('takes a snapshot, changes files, sees what differs, and goes back', async () => {
    const { snapshots, write, read, has, folder } = open();
    write('a.txt', 'first');
    write('dir/b.txt', 'stays the same');
    write('.gitignore', 'ignored.txt\n');
    write('ignored.txt', 'no snapshot holds this');
    const created = await snapshots.create({ message: 'one' });
    expect(created).toEqual({
      commitHash: expect.stringMatching(HASH),
      isFirst: true,
      files: 3,
      bytes: expect.any(Number),
      changed: 3,
      skipped: 1,
      skippedFiles: [{ path: 'ignored.txt', reason: 'ignored' }],
      removed: 0,
      durationMs: expect.any(Number),
    });
    write('a.txt', 'second one');
    write('new.txt', 'new');
    write('ignored.txt', 'changed');
    fs.renameSync(path.join(folder, 'dir/b.txt'), path.join(folder, 'dir/c.txt'));

    const expected = {
      changes: [
        { path: 'a.txt', changeType: 'modified', size: 10, oldSize: 5 },
        { path: 'dir/c.txt', changeType: 'renamed', oldPath: 'dir/b.txt', size: 14, oldSize: 14 },
        { path: 'new.txt', changeType: 'created', size: 3, oldSize: null },
      ],
      total: 3,
      truncated: false,
    };
    expect(await snapshots.diff(created.commitHash)).toEqual(expected);
    const second = await snapshots.create({ message: 'two' });
    expect(second).toMatchObject({ isFirst: false, changed: 3 });
    expect(await snapshots.diff(created.commitHash, second.commitHash)).toEqual(expected);
    expect(await snapshots.diff(created.commitHash, null, { limit: 1 })).toEqual({
      changes: expected.changes.slice(0, 1),
      total: 3,
      truncated: true,
    });

    const restored = await snapshots.restore(created.commitHash);
    expect(restored).toMatchObject({ commitHash: created.commitHash, written: 2, deleted: 2 });
    expect(restored.safetyCommit).toMatch(HASH);
    expect([read('a.txt'), read('dir/b.txt')]).toEqual(['first', 'stays the same']);
    expect([has('new.txt'), has('dir/c.txt')]).toEqual([false, false]);
    expect(read('ignored.txt')).toBe('changed');

    const list = await snapshots.list();
    expect(list.map(({ message, kind }) => [message, kind])).toEqual([
      [expect.any(String), 'safety'],
      ['two', 'manual'],
      ['one', 'manual'],
    ]);
    expect(list[0].commitHash).toBe(restored.safetyCommit);
    for (const { createdAt } of list) expect(new Date(createdAt).toISOString()).toBe(createdAt);
    expect(await snapshots.list({ limit: 1 })).toEqual(list.slice(0, 1));

    await snapshots.restore(restored.safetyCommit);
    expect([read('a.txt'), read('dir/c.txt'), read('new.txt')]).toEqual([
      'second one',
      'stays the same',
      'new',
    ]);
  });

  test('sees how far an operation is, and two take turns', async () => {
    const { snapshots, write } = open();
    for (let n = 0; n < 500; n++) write(`dir-${n % 10}/${n}.txt`, `file ${n}\n`);
    const first = snapshots.create({ message: 'one' });
    const second = snapshots.create({ message: 'two' });
    const watched = all(first.progress);
    const taken = await Promise.all([first, second]);
    const progress = await watched;
    expect(progress.length).toBeGreaterThan(0);
    for (const one of progress) {
      expect(one).toEqual({
        phase: expect.stringMatching(/^(waiting|scanning|storing)$/),
        done: expect.any(Number),
        total: expect.any(Number),
        bytes: expect.any(Number),
      });
    }
    // One of them had the first turn, and the other one found its snapshot.
    expect(taken.map(({ changed }) => changed).sort()).toEqual([0, 500]);
    expect(taken.filter(({ isFirst }) => isFirst)).toHaveLength(1);
    const messages = (await snapshots.list()).map(({ message }) => message);
    expect(messages.sort()).toEqual(['one', 'two']);
  });

  test('deletes one, and its space is free', async () => {
    const store = directory();
    const { snapshots, write, workspace } = open({ snapshotDir: store });
    write('a.txt', 'small');
    const small = await snapshots.create();
    write('b.bin', require('node:crypto').randomBytes(3 << 20));
    const large = await snapshots.create();
    fs.rmSync(path.join(workspace.root, 'b.bin'));
    await snapshots.create();
    const before = bytes(store);
    await snapshots.delete(large.commitHash);
    expect(bytes(store)).toBeLessThan(before - (2 << 20));
    const rest = (await snapshots.list()).map(({ commitHash }) => commitHash);
    expect(rest).toHaveLength(2);
    expect(rest).not.toContain(large.commitHash);
    await expect(snapshots.restore(large.commitHash)).rejects.toMatchObject({
      code: 'SNAPSHOT_NOT_FOUND',
    });
    write('a.txt', 'other');
    await snapshots.restore(small.commitHash);
    expect(fs.readFileSync(path.join(workspace.root, 'a.txt'), 'utf8')).toBe('small');
  });

  test('keeps as many as it says', async () => {
    const { snapshots, write } = open({ maxSnapshots: 3 });
    const take = async (n, options) => {
      write('a.txt', String(n));
      return snapshots.create({ message: String(n), ...options });
    };
    const messages = async () => (await snapshots.list()).map(({ message }) => message);
    for (const n of [1, 2, 3]) expect((await take(n)).removed).toBe(0);
    expect((await take(4)).removed).toBe(1);
    expect(await messages()).toEqual(['4', '3', '2']);
    expect((await take(5, { keep: { count: 2 } })).removed).toBe(2);
    expect(await messages()).toEqual(['5', '4']);
    const [five] = await snapshots.list();
    // What a restore has made stays, whatever the limit.
    const { safetyCommit } = await snapshots.restore(five.commitHash);
    await take(6, { keep: { count: 1 } });
    const list = await snapshots.list();
    expect(list.map(({ kind }) => kind)).toEqual(['manual', 'safety']);
    expect(list[1].commitHash).toBe(safetyCommit);
  });

  test('cancels a snapshot that waits, and nothing of it is left', async () => {
    const { snapshots, write } = open();
    for (let n = 0; n < 500; n++) write(`${n}.txt`, `file ${n}\n`);
    const first = snapshots.create();
    const control = new AbortController();
    const second = snapshots.create({ signal: control.signal });
    control.abort(new Error('enough'));
    await expect(second).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORT_ERR',
      cause: expect.objectContaining({ message: 'enough' }),
    });
    await first;
    expect(await snapshots.list()).toHaveLength(1);
    await expect(snapshots.create({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await snapshots.list()).toHaveLength(1);
  });

  test.each([
    ['a message that is no string', (all) => all.create({ message: 1 }), 'ERR_INVALID_ARG_TYPE'],
    ['a message with a NUL', (all) => all.create({ message: 'a\0b' }), 'ERR_INVALID_ARG_VALUE'],
    ['an option that is none', (all) => all.create({ massage: '' }), 'ERR_UNKNOWN_OPTION'],
    ['options that are none', (all) => all.create('now'), 'ERR_INVALID_ARG_TYPE'],
    ['a signal that is none', (all) => all.create({ signal: {} }), 'ERR_INVALID_ARG_TYPE'],
    ['to keep none', (all) => all.create({ keep: { count: 0 } }), 'ERR_OUT_OF_RANGE'],
    ['no hash', (all) => all.restore(), 'ERR_INVALID_ARG_TYPE'],
    ['a limit of none', (all) => all.list({ limit: 0 }), 'ERR_OUT_OF_RANGE'],
    ['a number for a hash', (all) => all.diff(1), 'ERR_INVALID_ARG_TYPE'],
    ['nothing to delete', (all) => all.delete(null), 'ERR_INVALID_ARG_TYPE'],
    ['a branch', (all) => all.restore('HEAD'), 'SNAPSHOT_NOT_FOUND'],
    ['an option of git', (all) => all.diff(`--output=${'x'.repeat(31)}`), 'SNAPSHOT_NOT_FOUND'],
    ['a hash of no snapshot', (all) => all.delete('0'.repeat(40)), 'SNAPSHOT_NOT_FOUND'],
  ])('is refused %s, and nothing was done', async (_, call, code) => {
    const { snapshots } = open();
    const refused = call(snapshots);
    const progress = all(refused.progress ?? []);
    await expect(refused).rejects.toMatchObject({ code });
    expect(await progress).toEqual([]);
    expect(await snapshots.list()).toEqual([]);
  });

  test('is told if snapshots are disabled, and when the workspace is closed', async () => {
    const disabled = open({ snapshots: false });
    await expect(disabled.snapshots.create()).rejects.toMatchObject({ code: 'NOT_ENABLED' });
    await disabled.workspace.close();
    const { workspace, snapshots } = open();
    await workspace.close();
    await expect(snapshots.create()).rejects.toMatchObject({ code: 'NO_WORKSPACE' });
    await expect(snapshots.list()).rejects.toMatchObject({ code: 'NO_WORKSPACE' });
  });
});

posix.describe('clients', () => {
  test('take, list, compare, restore and delete; everybody hears of it', async () => {
    const listener = start();
    const { write, read } = open({ watch: 'onDemand' });
    write('a.txt', 'first');
    const asker = await connect(listener, { form: 'query' });
    const other = await connect(listener, { form: 'query' });
    const ask = async (type, data, answer = type) => {
      asker.send({ type, data });
      const isAnswer = (text) => [answer, 'error'].includes(JSON.parse(text).type);
      const { data: told, type: kind } = JSON.parse((await asker.until(isAnswer)).at(-1));
      expect({ kind, told }).toMatchObject({ kind: answer });
      return told;
    };
    const created = await ask('snapshot:create', { message: 'one', id: 7 }, 'snapshot:created');
    expect(created).toEqual({
      commitHash: expect.stringMatching(HASH),
      isFirst: true,
      files: 1,
      bytes: 5,
      skipped: 0,
      skippedFiles: [],
      removed: 0,
      durationMs: expect.any(Number),
      id: 7,
    });
    const { commitHash } = created;
    write('a.txt', 'second');
    expect(await ask('snapshot:diff', { from: commitHash, id: 'd' })).toEqual({
      changes: [{ path: 'a.txt', changeType: 'modified', size: 6, oldSize: 5 }],
      total: 1,
      truncated: false,
      id: 'd',
    });
    const restored = await ask('snapshot:restore', { commitHash }, 'snapshot:restored');
    expect(restored).toMatchObject({ commitHash, safetyCommit: expect.stringMatching(HASH) });
    expect(read('a.txt')).toBe('first');
    const { snapshots } = await ask('snapshot:list', { limit: 5 });
    expect(snapshots.map(({ kind }) => kind)).toEqual(['safety', 'manual']);
    expect(Object.keys(snapshots[0])).toEqual([
      'commitHash',
      'message',
      'createdAt',
      'files',
      'bytes',
      'kind',
    ]);
    expect(await ask('snapshot:delete', { commitHash })).toEqual({ commitHash });
    expect((await ask('snapshot:list')).snapshots).toHaveLength(1);

    expect(ends(await other.settle())).toEqual(['snapshot:created', 'snapshot:restored']);
    expect(ends(listener.events.drain())).toEqual(['snapshot:created', 'snapshot:restored']);
  });

  test('of the form without these events get the end as a reply', async () => {
    const listener = start();
    const { write } = open();
    write('a.txt', 'first');
    const client = await connect(listener, { form: 'sdk' });
    client.send({ type: 'snapshot:create', data: { id: 'x' } });
    expect(await client.json()).toMatchObject({ type: 'snapshot:created', data: { id: 'x' } });
    expect(await client.settle()).toEqual([]);
  });

  test.each([
    ['snapshot:create', { message: 5 }, 'BAD_MESSAGE'],
    ['snapshot:create', { message: 'x'.repeat(20_000) }, 'BAD_MESSAGE'],
    ['snapshot:create', { keep: { count: 0 } }, 'BAD_MESSAGE'],
    ['snapshot:restore', {}, 'BAD_MESSAGE'],
    ['snapshot:restore', { commitHash: '--upload-pack=x' }, 'SNAPSHOT_NOT_FOUND'],
    ['snapshot:restore', { commitHash: 'a'.repeat(40) }, 'SNAPSHOT_NOT_FOUND'],
    ['snapshot:diff', { from: 'HEAD' }, 'SNAPSHOT_NOT_FOUND'],
    ['snapshot:list', { limit: 0 }, 'BAD_MESSAGE'],
    ['snapshot:delete', { commitHash: 'refs/snapshots/1' }, 'SNAPSHOT_NOT_FOUND'],
    ['snapshot:undo', {}, 'UNKNOWN_TYPE'],
  ])('are refused %s with %j', async (type, data, code) => {
    const listener = start();
    open();
    const client = await connect(listener, { form: 'query' });
    client.send({ type, data: { ...data, id: 1 } });
    // A slow machine hears how far it is before.
    const last = (await client.until((text) => ends([text]).length > 0)).at(-1);
    const { type: kind, data: told } = JSON.parse(last);
    expect({ kind, ...told }).toMatchObject({ kind: 'error', code, command: type, id: 1 });
    expect(ends(await client.settle())).toEqual([]);
  });

  test('that leave do not stop a snapshot', async () => {
    const listener = start();
    const { write, snapshots } = open();
    for (let n = 0; n < 500; n++) write(`${n}.txt`, `file ${n}\n`);
    const stays = await connect(listener, { form: 'query' });
    const leaves = await connect(listener, { form: 'query' });
    leaves.send({ type: 'snapshot:create', data: { id: 'of one that left' } });
    await leaves.settle();
    leaves.socket.terminate();
    const created = JSON.parse((await stays.until(isCreated)).at(-1)).data;
    expect(created).toMatchObject({ files: 500, id: 'of one that left' });
    expect(await snapshots.list()).toHaveLength(1);
  });
});

posix.test('without git it says so, and everything else goes on', async () => {
  const code = `
    const [root, snapshotDir] = ${JSON.stringify([directory(), directory()])};
    const workspace = loopwire.openWorkspace(root, { snapshotDir, shell: ['/bin/sh', '-c'] });
    const code = (promise) => promise.then(() => 'done', (error) => error.code);
    (async () => {
      console.log(await code(workspace.snapshots.create()), await code(workspace.snapshots.list()));
      await workspace.writeFile('a', 'b');
      console.log((await workspace.execute('echo hi')).stdout.trim(), await workspace.readFile('a', 'utf8'));
      await workspace.close();
    })();`;
  const child = runNode(code, { env: { PATH: directory() } });
  expect(await child.take(2)).toEqual(['GIT_NOT_FOUND GIT_NOT_FOUND', 'hi b']);
  expect((await child.ended).code).toBe(0);
});
