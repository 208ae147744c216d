// `openWorkspace` as an application uses it, and the events of its clients and callbacks.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../..');
const { connect, listeners } = require('../support/channel/client.cjs');
const { folders } = require('../support/folders.cjs');
const { when } = require('../support/needs.cjs');
const { run } = require('../support/process/child.cjs');
const { members } = require('../support/workspace/sessions.cjs');

const start = listeners(loopwire);
const newFolder = folders('workspace');
const posix = when(process.platform !== 'win32', 'a shell');
const linux = when(process.platform === 'linux', 'Linux: its /proc tells who belongs to a session');

/** A workspace in a new directory; `shutdown()` behind each test closes it. */
function open(options) {
  const folder = newFolder();
  const workspace = loopwire.openWorkspace(folder, options);
  return Object.assign(workspace, { folder: fs.realpathSync(folder) });
}

const isType = (type) => (text) => JSON.parse(text).type === type;

/** What a client is refused with. */
async function error(client, message) {
  client.send(message);
  return JSON.parse((await client.until(isType('error'))).at(-1)).data;
}

describe('opening', () => {
  test.each([
    ['no path', [], 'ERR_INVALID_ARG_TYPE'],
    ['a number', [7], 'ERR_INVALID_ARG_TYPE'],
    ['an empty path', [''], 'ERR_INVALID_ARG_VALUE'],
    ['a NUL in the path', ['/tmp/\0'], 'ERR_INVALID_ARG_VALUE'],
    ['a directory that is not there', ['/nowhere/at/all'], 'ERR_WORKSPACE_ROOT'],
    ['a file', [__filename], 'ERR_WORKSPACE_ROOT'],
    ['an option that is none', [os.tmpdir(), { terminals: true }], 'ERR_UNKNOWN_OPTION'],
    ['a switch that is no boolean', [os.tmpdir(), { terminal: 1 }], 'ERR_INVALID_ARG_TYPE'],
    ['a watch that is none', [os.tmpdir(), { watch: true }], 'ERR_INVALID_ARG_VALUE'],
    ['a shell without a program', [os.tmpdir(), { shell: [] }], 'ERR_INVALID_ARG_VALUE'],
    ['a variable that is none', [os.tmpdir(), { env: { 'A=B': 'c' } }], 'ERR_INVALID_ARG_VALUE'],
    ['no directory for snapshots', [os.tmpdir(), { snapshotDir: '' }], 'ERR_INVALID_ARG_VALUE'],
    ['to keep no snapshot', [os.tmpdir(), { maxSnapshots: 0 }], 'ERR_OUT_OF_RANGE'],
    ['a negative time', [os.tmpdir(), { detachMs: -1 }], 'ERR_OUT_OF_RANGE'],
    ['NaN for a number', [os.tmpdir(), { maxTerminals: NaN }], 'ERR_OUT_OF_RANGE'],
  ])('%s throws and opens nothing', (_, args, code) => {
    expect(() => loopwire.openWorkspace(...args)).toThrow(expect.objectContaining({ code }));
    open().unref();
  });

  linux.test.each(['fresh', 'used'])(
    'without descriptors it says so, and opens with them: %s',
    async (before) => {
      const folder = newFolder();
      const under = ['prlimit', '--nofile=256'];
      const { told, sha256 } = await run('workspace/scarce', { args: [folder, before], under });
      expect(new Set(told.map(({ code }) => code))).toEqual(new Set(['EMFILE']));
      expect(told[0].message).toMatch(/Too many open files.*ulimit -n/);
      expect(sha256).toHaveLength(64);
    },
    30_000,
  );

  test('a second one throws until the first was closed', async () => {
    const workspace = open();
    expect(workspace.root).toBe(workspace.folder);
    expect(workspace.closed).toBe(false);
    const again = () => loopwire.openWorkspace(workspace.folder);
    expect(again).toThrow(expect.objectContaining({ code: 'ERR_WORKSPACE_OPEN' }));
    expect(workspace.close()).toBe(workspace.close());
    await workspace.close();
    expect(workspace.closed).toBe(true);
    again().unref();
  });

  test('printing one shows its root', () => {
    const workspace = open();
    expect(require('node:util').inspect(workspace)).toContain(workspace.folder);
  });
});

posix.describe('execute', () => {
  test('collects the output of the command, with its exit', async () => {
    const workspace = open({ env: { FROM: 'the workspace', BOTH: 'one' } });
    const done = await workspace.execute('echo "$FROM $BOTH $PWD"; echo oh >&2; exit 3', {
      env: { BOTH: 'two' },
    });
    expect(done).toMatchObject({
      exitCode: 3,
      signal: null,
      stdout: `the workspace two ${workspace.folder}\n`,
      stderr: 'oh\n',
    });
    expect(done).not.toHaveProperty('reason');
    expect(done.durationMs).toBeGreaterThan(0);
  });

  test('a signal is not an exit code', async () => {
    expect(await open().execute('kill -KILL $$')).toMatchObject({
      exitCode: null,
      signal: 'SIGKILL',
    });
  });

  test('a command that the workspace ended says why', async () => {
    const done = await open().execute('sleep 1000', { timeoutMs: 50 });
    expect(done).toMatchObject({ signal: 'SIGTERM', reason: 'timeout' });
  });

  test('reads its input to the end, however long it is', async () => {
    const input = crypto.randomBytes(5 << 20);
    const { stdout } = await open().execute('cat', { input, encoding: 'buffer' });
    expect(stdout.equals(input)).toBe(true);
  });

  test('a command that does not read its input is no error', async () => {
    const { exitCode } = await open().execute('exec 0<&-; true', { input: 'x'.repeat(5 << 20) });
    expect(exitCode).toBe(0);
  });

  test('more output than was agreed to kills the command and rejects', async () => {
    const workspace = open();
    const code = 'ERR_OUTPUT_TOO_LARGE';
    await expect(workspace.execute('yes', { maxOutputBytes: 1e6 })).rejects.toMatchObject({ code });
    await workspace.close();
  });

  test('runs no longer than it may', async () => {
    // One process: of two, a shell may see the other end first, and then exits 143 by itself.
    const done = await open().execute('echo begun; exec sleep 1000', { timeoutMs: 500 });
    expect(done).toMatchObject({ exitCode: null, signal: 'SIGTERM', stdout: 'begun\n' });
  });

  test('takes the shell that it is given', async () => {
    const workspace = open({ shell: ['/bin/sh', '-c', 'echo "$0 of $1"', 'zero'] });
    expect((await workspace.execute('one')).stdout).toBe('zero of one\n');
  });

  test.each([
    ['a directory outside', { cwd: '/' }, 'PATH_OUTSIDE'],
    ['one that climbs out', { cwd: '..' }, 'PATH_OUTSIDE'],
    ['one that is not there', { cwd: 'nowhere' }, 'NOT_FOUND'],
    ['an option that is none', { pwd: '.' }, 'ERR_UNKNOWN_OPTION'],
    ['an encoding that is none', { encoding: 'utf9' }, 'ERR_INVALID_ARG_VALUE'],
    ['a time that is none', { timeoutMs: 0 }, 'ERR_OUT_OF_RANGE'],
  ])('%s rejects', async (_, options, code) => {
    await expect(open().execute('true', options)).rejects.toMatchObject({ code });
  });

  test('what was left out rejects', async () => {
    const workspace = open({ terminal: false });
    await expect(workspace.execute('true')).rejects.toMatchObject({ code: 'NOT_ENABLED' });
  });
});

posix.describe('terminal', () => {
  test('a shell takes input, and its exit comes after its last byte', async () => {
    const terminal = await open({ shell: ['/bin/sh'] }).terminal({ cols: 100, rows: 30 });
    expect(terminal.pid).toBeGreaterThan(1);
    expect(terminal.id).toMatch(/^term-\d+$/);
    await terminal.write('stty size; exit 7\r');
    let text = '';
    for await (const data of terminal.output) {
      expect(Buffer.isBuffer(data)).toBe(true);
      text += data;
    }
    expect(text).toContain('30 100');
    expect(await terminal.exit).toMatchObject({ exitCode: 7, signal: null });
    // What is asked of one that has ended is nothing.
    await terminal.write('x');
    terminal.signal('SIGINT');
    terminal.resize(80, 24);
    terminal.eof();
  });

  test('an option that is undefined counts as left out', async () => {
    const terminal = await open().terminal({ command: 'test -t 0', pty: undefined });
    expect(await terminal.exit).toMatchObject({ exitCode: 0 });
  });

  test('chunks say where they come from, and where they begin', async () => {
    const command = 'printf one; printf two >&2';
    const terminal = await open().terminal({ command, pty: false });
    const seen = { stdout: '', stderr: '' };
    let end = 0;
    for await (const { source, offset, data } of terminal.chunks) {
      expect(offset).toBe(end);
      end += data.length;
      seen[source] += data;
    }
    expect(seen).toEqual({ stdout: 'one', stderr: 'two' });
  });

  test('resize and signals reach the command', async () => {
    const command = `trap 'stty size' WINCH; trap 'exit 5' USR1; echo ready; while :; do sleep 0.05; done`;
    const terminal = await open().terminal({ command });
    let text = '';
    for await (const data of terminal.output) {
      const before = text;
      text += data;
      const now = (word) => !before.includes(word) && text.includes(word);
      if (now('ready')) terminal.resize(111, 33);
      if (now('33 111')) terminal.signal('SIGUSR1');
    }
    expect(await terminal.exit).toMatchObject({ exitCode: 5 });
  });

  test('a command pauses for a slow reader, and continues without a reader', async () => {
    const workspace = open();
    const terminal = await workspace.terminal({
      command:
        'i=0; while [ $i -lt 200 ]; do head -c 100000 /dev/zero; i=$((i+1)); done; touch over',
      pty: false,
    });
    const over = () => fs.existsSync(path.join(workspace.folder, 'over'));
    const reading = terminal.output[Symbol.asyncIterator]();
    await reading.next();
    // 20 MB cannot be over while this reader has taken one piece: pipe and scrollback hold far less.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(over()).toBe(false);
    await reading.return();
    expect(await terminal.exit).toMatchObject({ exitCode: 0 });
    expect(over()).toBe(true);
  });

  test('the exit can be awaited without reading the output', async () => {
    const terminal = await open().terminal({ command: 'head -c 5000000 /dev/zero', pty: false });
    expect(await terminal.exit).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ['resize', [0, 24], 'ERR_OUT_OF_RANGE'],
    ['resize', ['80', 24], 'ERR_INVALID_ARG_TYPE'],
    ['signal', [9], 'ERR_INVALID_ARG_TYPE'],
    ['signal', ['SIGNOTHING'], 'UNKNOWN_SIGNAL'],
    ['write', [7], 'ERR_INVALID_ARG_TYPE'],
  ])('%s(%j) throws', async (method, args, code) => {
    const terminal = await open().terminal({ command: 'sleep 100' });
    expect(() => terminal[method](...args)).toThrow(expect.objectContaining({ code }));
  });

  test('an id can be used once, and maxTerminals limits how many run', async () => {
    const workspace = open({ maxTerminals: 2 });
    await workspace.terminal({ command: 'sleep 100', id: 'mine' });
    const again = workspace.terminal({ command: 'true', id: 'mine' });
    await expect(again).rejects.toMatchObject({ code: 'ID_IN_USE' });
    await workspace.terminal({ command: 'sleep 100' });
    const third = workspace.terminal({ command: 'true' });
    await expect(third).rejects.toMatchObject({ code: 'TOO_MANY_TERMINALS' });
  });

  test('callbacks get its start and its end, clients do not', async () => {
    const listener = start({ format: 'object' });
    const client = await connect(listener, { form: 'query', flags: 'v=1' });
    await open().execute('exit 4');
    const events = await listener.events.take(2);
    expect(events.map(({ type }) => type)).toEqual(['terminal:started', 'terminal:exit']);
    expect(events[1].data).toMatchObject({ exitCode: 4, signal: null });
    expect((await client.settle()).filter((text) => text.includes('terminal:'))).toEqual([]);
  });

  test('a client attaches to what the application started', async () => {
    const listener = start();
    const workspace = open();
    const terminal = await workspace.terminal({ command: 'cat', id: 'shared' });
    const client = await connect(listener, { form: 'query' });
    client.send({ type: 'terminal:attach', data: { id: 'shared' } });
    await client.pass(isType('terminal:replayed'));
    client.send({ type: 'terminal:input', data: { id: 'shared', input: 'hello\r' } });
    await client.pass((text) => text.includes('hello'));
    terminal.signal('SIGKILL');
    const exit = JSON.parse((await client.until(isType('terminal:exit'))).at(-1));
    expect(exit.data).toMatchObject({ exitCode: null, signal: 'SIGKILL', id: 'shared' });
  });
});

describe('clients', () => {
  test('are answered NO_WORKSPACE before it is opened and after it was closed', async () => {
    const client = await connect(start(), { form: 'query' });
    const ask = () => error(client, { type: 'terminal:list', data: { id: 'a' } });
    expect(await ask()).toMatchObject({ code: 'NO_WORKSPACE', id: 'a' });
    const workspace = open();
    client.send({ type: 'terminal:list' });
    await client.pass(isType('terminal:listed'));
    await workspace.close();
    expect(await ask()).toMatchObject({ code: 'NO_WORKSPACE' });
  });

  test.each([
    ['terminal:execute', { terminal: false }],
    ['terminal:list', { terminal: false }],
    ['file:read', { files: false }],
    ['file:watch', { watch: false }],
    ['git:clone', { git: false }],
    ['snapshot:create', { snapshots: false }],
  ])('%s with %j is answered NOT_ENABLED', async (type, options) => {
    const client = await connect(start(), { form: 'query' });
    open(options);
    expect(await error(client, { type, data: {} })).toMatchObject({
      code: 'NOT_ENABLED',
      command: type,
    });
  });
});

linux.describe('the end', () => {
  test('close() ends commands that ignore signals, too, and resolves when they have ended', async () => {
    const workspace = open();
    const command = `trap '' TERM HUP INT; (trap '' TERM HUP; sleep 1000) & echo deaf; while :; do sleep 1; done`;
    const terminal = await workspace.terminal({ command, pty: false });
    const reading = terminal.output[Symbol.asyncIterator]();
    expect(String((await reading.next()).value)).toBe('deaf\n');
    await workspace.close();
    expect(members([terminal.pid])).toEqual([]);
    expect(await terminal.exit).toMatchObject({ signal: 'SIGKILL', reason: 'closed' });
  });

  test('shutdown() closes it', async () => {
    const workspace = open();
    const terminal = await workspace.terminal({ command: 'sleep 1000' });
    await loopwire.shutdown();
    expect(workspace.closed).toBe(true);
    expect(members([terminal.pid])).toEqual([]);
  });
});
