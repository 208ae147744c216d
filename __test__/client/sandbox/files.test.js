/**
 * Files, watches, git and snapshots of a sandbox's client over a connection that stays, against a real workspace.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { all, code, sandboxed, sha256, text } = require('../../support/client/sandbox.cjs');
const { gitServer } = require('../../support/git/http.cjs');
const { repository, serve } = require('../../support/git/place.cjs');
const { needs } = require('../../support/needs.cjs');

const { SandboxClient } = requireModule('index.js');
const open = (options) => sandboxed(SandboxClient, options);

async function* pieces() {
  for (let n = 0; n < 10; n += 1) yield Buffer.alloc(100_000, n);
}

/** The next change of a watch. */
const next = async (watch) => (await watch[Symbol.asyncIterator]().next()).value;

/** Somebody who never answers. */
const never = () => new Promise(() => {});

describe('files', () => {
  test.each([0, 1, 262_144, 1_048_576, 1_048_577, 9_000_001])(
    'writes and reads %d bytes',
    async (size) => {
      const { sandbox, root } = await open();
      const bytes = crypto.randomBytes(size);
      const seen = [];
      const onProgress = (progress) => seen.push(progress);
      const written = await sandbox.files.write('a/b', bytes, {
        parents: true,
        mode: 0o600,
        onProgress,
      });
      expect([written.size, written.sha256]).toEqual([size, sha256(bytes)]);
      expect(seen.at(-1)).toEqual(size > 0 ? { bytes: size, total: size } : undefined);
      expect(fs.statSync(path.join(root, 'a/b')).mode & 0o777).toBe(0o600);
      expect(sha256(await sandbox.files.read('a/b'))).toBe(sha256(bytes));
      const streamed = await all(sandbox.files.stream('a/b'));
      expect(sha256(Buffer.concat(streamed))).toBe(sha256(bytes));
      expect(streamed.every(({ length }) => length <= 1 << 20)).toBe(true);
    },
  );

  test('reads ranges, text, and what does not say its size', async () => {
    const { sandbox, root } = await open();
    await sandbox.files.write('t', 'grüß dich');
    expect(await sandbox.files.readText('t', { offset: 7 })).toBe('dich');
    expect(await sandbox.readFile('t', 'utf8')).toBe('grüß dich');
    expect(text(await sandbox.files.read('t', { offset: 1, length: 1 }))).toBe('r');
    expect(await code(sandbox.files.read('t', { offset: 99 }))).toBe('OUT_OF_RANGE');
    expect(await code(sandbox.files.read('../x'))).toBe('PATH_OUTSIDE');
    fs.symlinkSync('/proc/self/status', path.join(root, 'link'));
    expect(await code(sandbox.files.read('link'))).toBe('PATH_OUTSIDE');
  });

  test('writes the bytes of every kind of view', async () => {
    const { sandbox, root } = await open();
    const { buffer } = Uint16Array.from({ length: 100_000 }, (_, n) => n);
    const views = [buffer, new Uint16Array(buffer), new DataView(buffer, 0), Buffer.from(buffer)];
    for (const view of views) {
      await sandbox.files.write('views', view);
      expect(fs.readFileSync(path.join(root, 'views')).equals(Buffer.from(buffer))).toBe(true);
    }
    await sandbox.files.write('views', [views[1]], { size: buffer.byteLength });
    expect(fs.readFileSync(path.join(root, 'views')).equals(Buffer.from(buffer))).toBe(true);
    const wrong = sandbox.files.write('views', ['text'], { size: 4 });
    await expect(wrong).rejects.toMatchObject({ name: 'TypeError' });
  });

  test('a hundred at a time take their turns', async () => {
    const { sandbox } = await open();
    const names = Array.from({ length: 100 }, (_, n) => `f${n}`);
    await Promise.all(names.map((name) => sandbox.files.write(name, name.repeat(10_000))));
    const texts = await Promise.all(names.map((name) => sandbox.files.readText(name)));
    expect(texts).toEqual(names.map((name) => name.repeat(10_000)));
  });

  test('writes an iterable of the size that it says, and nothing of another size', async () => {
    const { sandbox, root } = await open();
    const { sha256: sum } = await sandbox.files.write('s', pieces(), { size: 1_000_000 });
    expect(sum).toBe(sha256(fs.readFileSync(path.join(root, 's'))));
    expect(await code(sandbox.files.write('x', pieces(), { size: 1_000_001 }))).toBe('BAD_SIZE');
    expect(await code(sandbox.files.write('x', pieces(), { size: 999_999 }))).toBe('BAD_SIZE');
    expect(await code(sandbox.files.write('x', pieces()))).toBe('ERR_INVALID_ARG_VALUE');
    const signal = AbortSignal.abort();
    expect(await code(sandbox.files.write('x', 'x', { signal }))).toBe('ABORT_ERR');
    expect(await code(sandbox.files.read('s', { signal }))).toBe('ABORT_ERR');
    expect(fs.existsSync(path.join(root, 'x'))).toBe(false);
  });

  test('a file that is replaced while it is read is no mixture', async () => {
    const { sandbox, root } = await open();
    fs.writeFileSync(path.join(root, 'f'), Buffer.alloc(20 << 20, 1));
    const pieces = sandbox.files.stream('f');
    await pieces.next();
    fs.writeFileSync(path.join(root, 'g'), Buffer.alloc(20 << 20, 2));
    fs.renameSync(path.join(root, 'g'), path.join(root, 'f'));
    expect(await code(all(pieces))).toBe('FILE_CHANGED');
  });
});

describe('watch', () => {
  test('each watch hears of its own, and closes with its loop', async () => {
    const { sandbox, root, listener } = await open();
    const [a, b] = [sandbox.watch('a'), sandbox.watch(['b', 'a/x'], { events: ['created'] })];
    expect((await a.ready).directories).toBeGreaterThan(0);
    await b.ready;
    fs.mkdirSync(path.join(root, 'a'));
    fs.writeFileSync(path.join(root, 'b'), '');
    expect(await next(b)).toMatchObject({ path: path.join(root, 'b'), changeType: 'created' });
    expect(await next(a)).toMatchObject({ path: path.join(root, 'a'), isDirectory: true });
    fs.writeFileSync(path.join(root, 'a/x'), '12');
    expect((await next(b)).path).toBe(path.join(root, 'a/x'));
    for await (const change of a) {
      expect(Object.keys(change)).toEqual([
        'path',
        'changeType',
        'size',
        'timestamp',
        'isDirectory',
      ]);
      break;
    }
    await b.close();
    expect(await all(b)).toEqual([]);
    expect(listener.connections()).toHaveLength(1);
  });

  test('a rename over its border is seen from inside', async () => {
    const { sandbox, root } = await open();
    fs.mkdirSync(path.join(root, 'in'));
    const [inside, whole] = [sandbox.watch('in'), sandbox.watch('.')];
    await Promise.all([inside.ready, whole.ready]);
    const [first, all] = [inside, whole].map((watch) => watch[Symbol.asyncIterator]());
    fs.writeFileSync(path.join(root, 'f'), '');
    expect((await all.next()).value.changeType).toBe('created');
    fs.renameSync(path.join(root, 'f'), path.join(root, 'in/f'));
    const moved = path.join(root, 'in/f');
    expect((await first.next()).value).toMatchObject({ changeType: 'created', path: moved });
    let change;
    do change = (await all.next()).value;
    while (change.changeType !== 'renamed');
    expect(change).toMatchObject({ path: moved, oldPath: path.join(root, 'f') });
  });

  test('what cannot be watched, and an end by a signal', async () => {
    const { sandbox } = await open();
    const bad = sandbox.watch('../x');
    expect(await code(bad.ready)).toBe('PATH_OUTSIDE');
    expect(await code(all(bad))).toBe('PATH_OUTSIDE');
    const abort = new AbortController();
    const watch = sandbox.watch('.', { signal: abort.signal });
    await watch.ready;
    const ended = code(all(watch));
    abort.abort();
    expect(await ended).toBe('ABORT_ERR');
    const early = sandbox.watch('.');
    await early.close();
    expect(await code(early.ready)).toBe('GONE');
  });
});

needs('git').describe('git and snapshots', () => {
  test('clones with progress, is asked for credentials, and is cancelled', async () => {
    const { sandbox, root } = await open();
    const source = repository(300_000);
    const server = await serve(gitServer(source.root, { users: { bob: 'correct horse' } }));
    const url = `http://127.0.0.1:${server.port}/project.git`;
    const asked = [];
    const onCredentials = (question) => {
      asked.push(question);
      return question.kind === 'username' ? { username: 'bob' } : { password: 'correct horse' };
    };
    const clone = sandbox.git.clone({ url, targetDir: 'copy', onCredentials });
    const progress = await all(clone.progress);
    expect(progress.at(-1)).toMatchObject({ percent: 100, phase: 'done' });
    expect(await clone).toEqual({ commit: source.commit });
    expect(asked[0]).toMatchObject({ id: clone.id, kind: 'username', attempt: 1 });
    expect(fs.readdirSync(path.join(root, 'copy'))).toContain('file-0');

    expect(await code(sandbox.git.fetch({ repoPath: 'copy' }))).toBe('AUTH_FAILED');
    const failing = sandbox.git.fetch({
      repoPath: 'copy',
      onCredentials: () => {
        throw new Error('no one');
      },
    });
    const error = await failing.catch((reason) => reason);
    expect([error.code, error.cause.message]).toEqual(['AUTH_FAILED', 'no one']);

    const pull = sandbox.git.pull({ repoPath: 'copy', onCredentials: never });
    for await (const _ of pull.progress) break;
    pull.cancel();
    expect(await code(pull)).toBe('CANCELLED');
    const abort = new AbortController();
    const push = sandbox.git.push({ repoPath: 'copy', onCredentials: never, signal: abort.signal });
    for await (const _ of push.progress) break;
    abort.abort();
    expect(await code(push)).toBe('ABORT_ERR');
    expect(await code(sandbox.git.checkout({ repoPath: 'copy', branch: 'none' }))).toBe(
      'NOT_FOUND',
    );
    expect(await sandbox.git.checkout({ repoPath: 'copy', branch: 'new', create: true })).toEqual({
      commit: source.commit,
    });
  });

  test('takes, lists, compares, restores and deletes snapshots', async () => {
    const { sandbox, root } = await open({
      snapshotDir: fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'loopwire-snapshots-')),
    });
    await sandbox.files.write('notes', 'first');
    const { commitHash, isFirst } = await sandbox.snapshots.create({ message: 'one' });
    expect(isFirst).toBe(true);
    await sandbox.files.write('notes', 'second');
    const { changes } = await sandbox.snapshots.diff(commitHash);
    expect(changes).toEqual([{ path: 'notes', changeType: 'modified', size: 6, oldSize: 5 }]);
    const restoring = sandbox.snapshots.restore(commitHash);
    await all(restoring.progress);
    const { safetyCommit } = await restoring;
    expect(fs.readFileSync(path.join(root, 'notes'), 'utf8')).toBe('first');
    expect((await sandbox.snapshots.list()).map((one) => one.commitHash)).toEqual([
      safetyCommit,
      commitHash,
    ]);
    expect(await sandbox.snapshots.delete(commitHash)).toBeUndefined();
    expect(await code(sandbox.snapshots.restore(commitHash))).toBe('SNAPSHOT_NOT_FOUND');
    expect(await code(sandbox.snapshots.create({ signal: AbortSignal.abort() }))).toBe('ABORT_ERR');
  });
});
