// `options.signal` and `await using`: what waits can be ended, and nothing of it stays behind.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const vm = require('node:vm');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { failure } = require('../support/errors/failure.cjs');
const { folders } = require('../support/folders.cjs');
const { when } = require('../support/needs.cjs');
const { until } = require('../support/until.cjs');

// Registers `shutdown()` behind each test.
listeners(loopwire);
const newFolder = folders('signal');
const posix = when(process.platform !== 'win32', 'a shell');
const linux = when(process.platform === 'linux', 'Linux: its /proc tells who is alive');
const disposing = when(Symbol.asyncDispose, 'Symbol.asyncDispose');

const { forward, generateToken, openWorkspace, startEventListener } = loopwire;
const reason = new Error('the reason');
const ABORTED = { name: 'AbortError', code: 'ABORT_ERR', cause: reason };

const run = promisify(execFile);

/** A signal that knows how many listen to it. */
function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function (type, listener, ...rest) {
    listening.add(listener);
    return addEventListener.call(this, type, listener, ...rest);
  };
  signal.removeEventListener = function (type, listener, ...rest) {
    listening.delete(listener);
    return removeEventListener.call(this, type, listener, ...rest);
  };
  return { controller, signal, listening };
}

const open = (options) => openWorkspace(newFolder(), options);

/** Whether a process runs. One that has ended may wait for its parent to see that. */
function isAlive(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
}

/** All that take a signal. */
const CALLS = {
  startEventListener: (signal) => startEventListener(0, generateToken(), () => {}, { signal }),
  openWorkspace: (signal) => openWorkspace(os.tmpdir(), { signal }),
  drained: (signal) => loopwire.drained({ signal }),
  forward: (signal) => forward({ port: 60_000, upstream: 'socks5://127.0.0.1:9', signal }),
  rotate: (signal) => loopwire.rotate(60_000, { signal }),
  testPort: (signal) => loopwire.testPort(60_000, { signal }),
  execute: (signal, workspace) => workspace.execute('touch started', { signal }),
  terminal: (signal, workspace) => workspace.terminal({ command: 'touch started', signal }),
  readFile: (signal, workspace) => workspace.readFile('a', { signal }),
  writeFile: (signal, workspace) => workspace.writeFile('started', 'x', { signal }),
  watch: (signal, workspace) => workspace.watch('.', { signal }),
  'git.fetch': (signal, workspace) => workspace.git.fetch({ repoPath: '.', signal }),
  'snapshots.create': (signal, workspace) => workspace.snapshots.create({ signal }),
  'snapshots.restore': (signal, workspace) =>
    workspace.snapshots.restore('0'.repeat(40), { signal }),
  'snapshots.delete': (signal, workspace) => workspace.snapshots.delete('0'.repeat(40), { signal }),
  'snapshots.list': (signal, workspace) => workspace.snapshots.list({ signal }),
  'snapshots.diff': (signal, workspace) =>
    workspace.snapshots.diff('0'.repeat(40), undefined, { signal }),
};
const needsWorkspace = (call) => call.length > 1;

describe.each(Object.entries(CALLS))('%s', (name, call) => {
  test('with a signal that was aborted before, nothing is started', async () => {
    const workspace = needsWorkspace(call) ? open() : undefined;
    const error = await failure(() => call(AbortSignal.abort(reason), workspace));
    expect(error).toMatchObject(ABORTED);
    // No other one was opened, and nothing was run or written in this one.
    const { root } = workspace ?? open();
    expect(fs.existsSync(path.join(root, 'started'))).toBe(false);
  });

  test('what is no signal is refused by its name', async () => {
    const workspace = needsWorkspace(call) ? open() : undefined;
    for (const wrong of [null, 5, 'abort', {}, { aborted: false }, new EventTarget()]) {
      expect(await failure(() => call(wrong, workspace))).toMatchObject({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringContaining('options.signal must be an AbortSignal'),
      });
    }
  });
});

test('a signal of another realm is one', async () => {
  const signal = vm.runInNewContext(`({
    aborted: true, reason: 'far', addEventListener() {}, removeEventListener() {},
  })`);
  expect(signal instanceof Object).toBe(false);
  const error = await failure(() => loopwire.drained({ signal }));
  expect(error).toMatchObject({ code: 'ABORT_ERR', cause: 'far' });
});

posix.test('a signal collects none of what has ended', async () => {
  const { signal, listening } = counted();
  const workspace = open({ signal });
  const listener = startEventListener(0, generateToken(), () => {}, { signal });
  expect(listening.size).toBe(1);
  for (let n = 0; n < 3; n += 1) {
    await workspace.execute('true', { signal });
    const terminal = await workspace.terminal({ command: 'true', signal });
    await terminal.exit;
    await workspace.writeFile('a', 'x', { signal });
    await workspace.readFile('a', { signal });
    await workspace.snapshots.list({ signal });
    await loopwire.drained({ signal });
    await loopwire.testPort(60_000, { signal });
    await failure(() => loopwire.rotate(60_000, { signal }));
    await failure(() => workspace.snapshots.delete('0'.repeat(40), { signal }));
    await failure(() => workspace.snapshots.diff('0'.repeat(40), undefined, { signal }));
    await failure(() => workspace.git.fetch({ repoPath: 'none', signal }));
    await failure(() => workspace.readFile('none', { signal }));
    await failure(() => workspace.execute('true', { signal, cwd: 'none' }));
    await failure(() => forward({ port: 60_000, upstream: 'socks5://127.0.0.1:9', signal }));
    const watch = workspace.watch('.', { signal });
    await watch.ready;
    await watch.close();
  }
  await listener.close();
  expect(listening.size).toBe(1);
  await workspace.close();
  expect(listening.size).toBe(0);
});

test('one signal may be given to many calls without a warning of a leak', async () => {
  // In a process of its own: Jest keeps its warnings to itself.
  const program = `
    const { generateToken, startEventListener } = require(${JSON.stringify(path.resolve(__dirname, '..', '..'))});
    const controller = new AbortController();
    const { signal } = controller;
    for (let n = 0; n < 12; n += 1) startEventListener(0, generateToken(), () => {}, { signal });
    controller.abort();
    console.log('aborted');`;
  const { stdout, stderr } = await run(process.execPath, ['-e', program]);
  expect({ stdout, stderr }).toEqual({ stdout: 'aborted\n', stderr: '' });
});

test('an aborted signal closes a listener and a workspace', async () => {
  const { controller, signal } = counted();
  const workspace = open({ signal });
  const listener = startEventListener(0, generateToken(), () => {}, { signal });
  controller.abort(reason);
  expect(listener.closed).toBe(true);
  expect(workspace.closed).toBe(true);
  await Promise.all([listener.close(), workspace.close()]);
});

linux.test('execute rejects when the command has ended, and with it what it started', async () => {
  const workspace = open();
  const controller = new AbortController();
  const running = workspace.execute('sleep 1000 & echo $! > pid; wait', {
    signal: controller.signal,
  });
  const pid = path.join(workspace.root, 'pid');
  await until(() => fs.existsSync(pid) && fs.readFileSync(pid, 'utf8').endsWith('\n'), 'a pid');
  const child = Number(fs.readFileSync(pid, 'utf8'));
  controller.abort(reason);
  await expect(running).rejects.toMatchObject(ABORTED);
  expect(isAlive(child)).toBe(false);
});

posix.test('a command that ignores SIGTERM is killed', async () => {
  const workspace = open();
  const controller = new AbortController();
  const running = workspace.execute('trap "" TERM; touch ready; while :; do sleep 1; done', {
    signal: controller.signal,
  });
  await until(() => fs.existsSync(path.join(workspace.root, 'ready')), 'the trap');
  controller.abort(reason);
  await expect(running).rejects.toMatchObject(ABORTED);
});

posix.test(
  'a command that has ended by itself has its result, whatever its signal says',
  async () => {
    const workspace = open();
    const controller = new AbortController();
    const result = await workspace.execute('echo done', { signal: controller.signal });
    controller.abort(reason);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  },
);

posix.test('a terminal ends with its signal, and its output with it', async () => {
  const workspace = open();
  const controller = new AbortController();
  const terminal = await workspace.terminal({ command: 'cat', signal: controller.signal });
  controller.abort(reason);
  for await (const data of terminal.output) expect(data.length).toBeGreaterThan(0);
  expect(await terminal.exit).toMatchObject({ exitCode: null, reason: 'closed' });
});

test('reading ends with the signal', async () => {
  const workspace = open();
  await workspace.writeFile('a', 'x'.repeat(1 << 20));
  const controller = new AbortController();
  const read = workspace.readFile('a', { signal: controller.signal });
  controller.abort(reason);
  await expect(read).rejects.toMatchObject(ABORTED);
});

posix.test('a cancelled write leaves the file as it was, and no temporary file', async () => {
  const workspace = open();
  await workspace.writeFile('a', 'old');
  const controller = new AbortController();
  const written = workspace.writeFile('a', Buffer.alloc(64 << 20), { signal: controller.signal });
  controller.abort(reason);
  await expect(written).rejects.toMatchObject(ABORTED);
  expect(await workspace.readFile('a', 'utf8')).toBe('old');
  expect(fs.readdirSync(workspace.root)).toEqual(['a']);
});

describe('snapshots', () => {
  test('a deletion that is cancelled while it waits leaves the snapshot', async () => {
    const workspace = open({ snapshotDir: newFolder() });
    await workspace.writeFile('a', 'x'.repeat(4 << 20));
    const { commitHash } = await workspace.snapshots.create();
    await workspace.writeFile('b', 'y'.repeat(4 << 20));
    // The other operation has the turn.
    const other = workspace.snapshots.create();
    const controller = new AbortController();
    const { signal } = controller;
    const deleted = workspace.snapshots.delete(commitHash, { signal });
    const differs = workspace.snapshots.diff(commitHash, undefined, { signal });
    controller.abort(reason);
    await expect(deleted).rejects.toMatchObject(ABORTED);
    await expect(differs).rejects.toMatchObject(ABORTED);
    await other;
    const hashes = async () => (await workspace.snapshots.list()).map((one) => one.commitHash);
    expect(await hashes()).toContain(commitHash);
    await workspace.snapshots.delete(commitHash, { signal: new AbortController().signal });
    expect(await hashes()).not.toContain(commitHash);
  });
});

posix.test(
  'a write that waits for room ends with its signal, and what it wrote stays',
  async () => {
    const workspace = open();
    const terminal = await workspace.terminal({
      command: 'while ! test -e go; do sleep 0.01; done; wc -c',
      pty: false,
    });
    const controller = new AbortController();
    const bytes = 1 << 20;
    const written = terminal.write(Buffer.alloc(bytes), { signal: controller.signal });
    controller.abort(reason);
    await expect(written).rejects.toMatchObject(ABORTED);
    const late = terminal.write('x', { signal: controller.signal });
    await expect(late).rejects.toMatchObject(ABORTED);
    terminal.eof();
    await workspace.writeFile('go', '');
    const pieces = [];
    for await (const piece of terminal.output) pieces.push(piece);
    expect(Number(Buffer.concat(pieces))).toBe(bytes);
  },
);

posix.test('one signal for 10,000 calls has no listener left', async () => {
  const { signal, listening } = counted();
  const workspace = open();
  await workspace.writeFile('a', 'x');
  let most = 0;
  for (let n = 0; n < 100; n += 1) {
    const calls = Array.from({ length: 50 }, () => [
      workspace.readFile('a', { signal }),
      loopwire.drained({ signal }),
    ]);
    most = Math.max(most, listening.size);
    await Promise.all(calls.flat());
  }
  // Node warns of more than ten.
  expect(most).toBe(1);
  expect(listening.size).toBe(0);
});

describe('await using', () => {
  disposing.test('closes a listener, a workspace, a terminal and a watch', async () => {
    const workspace = open();
    const listener = startEventListener(0, generateToken(), () => {});
    const iterator = listener[Symbol.asyncIterator]();
    const watch = workspace.watch('.');
    await watch.ready;
    await watch[Symbol.asyncDispose]();
    if (process.platform !== 'win32') {
      const terminal = await workspace.terminal({ command: 'cat' });
      await terminal[Symbol.asyncDispose]();
      expect(await terminal.exit).toMatchObject({ reason: 'closed' });
      await terminal.close();
    }
    await listener[Symbol.asyncDispose]();
    expect(listener.closed).toBe(true);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await workspace[Symbol.asyncDispose]();
    expect(workspace.closed).toBe(true);
  });
});
