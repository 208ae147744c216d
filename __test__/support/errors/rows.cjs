// Each code that a function throws or rejects with, and how to get it.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../../..');
const { folders } = require('../folders.cjs');
const { deadPort, tcp } = require('../forward/forwarding.cjs');

// Behind the `shutdown()` of forwarding.cjs.
const made = folders('codes');
const newFolder = () => fs.realpathSync(made());

const open = (options) => loopwire.openWorkspace(newFolder(), options);
const listen = (options) =>
  loopwire.startEventListener(0, loopwire.generateToken(), () => {}, options);
const write = (workspace, name, text = '') => {
  const file = path.join(workspace.root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
};

/** An upstream that accepts and never answers. */
const silent = async () => `socks5://127.0.0.1:${await tcp((socket) => socket.resume())}`;

const NONE = Symbol('no cause');
const HASH = '0'.repeat(40);
const spawning = (file) => ({ code: 'ENOENT', syscall: 'spawn', path: file });

/** Each row: the code, how to get it, its class (`Error` if left out), and what it has. */
const ROWS = [
  ['ERR_INVALID_ARG_TYPE', () => loopwire.generateToken('x'), TypeError],
  ['ERR_INVALID_ARG_VALUE', () => loopwire.forward({ port: 60_000, upstream: 'x' }), TypeError],
  [
    'ERR_INVALID_ARG_VALUE',
    () => open().watch('src/{a'),
    TypeError,
    { path: 'src/{a', cause: NONE },
  ],
  ['ERR_OUT_OF_RANGE', () => loopwire.generateToken(-1), RangeError],
  ['ERR_UNKNOWN_OPTION', () => loopwire.configure({ nothing: 1 }), TypeError],
  ['ERR_SOCKET_BAD_PORT', () => loopwire.rotate(0), RangeError],
  ['ERR_TOKEN_INVALID', () => loopwire.startEventListener(0, 'a b', () => {}), RangeError],
  ['ERR_INSECURE_HOST', () => listen({ host: '0.0.0.0' })],
  ['ERR_TLS_CERT_INVALID', () => listen({ tls: { cert: 'x', key: 'x' } })],
  [
    'ERR_TLS_KEY_INVALID',
    () => {
      const { certificate } = listen({ tls: 'self-signed' });
      return listen({ tls: { cert: certificate, key: 'x' } });
    },
  ],
  ['ERR_TLS_INVALID', () => listen({ tls: { cert: 'x'.repeat(2 << 20), key: 'x' } })],
  [
    'EADDRINUSE',
    () => {
      const { port } = listen();
      return loopwire.startEventListener(port, loopwire.generateToken(), () => {});
    },
    Error,
    { syscall: 'listen', address: '127.0.0.1', port: expect.any(Number), cause: NONE },
  ],
  ['ERR_EVENT_RESERVED', () => loopwire.emit('hello', 'x'), TypeError],
  ['ERR_EVENT_TOO_LARGE', () => loopwire.emit('my:event', 'x'.repeat(2 << 20)), RangeError],
  [
    'ERR_JOURNAL_IN_USE',
    () => {
      listen();
      return loopwire.configure({ journalBytes: 1 << 20 });
    },
  ],
  [
    'req_proxy_config_error',
    async () =>
      loopwire.forward({ port: 60_000, upstream: `http://127.0.0.1:${await deadPort()}` }),
    Error,
    { port: 60_000, cause: { code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1' } },
  ],
  [
    'req_proxy_config_error',
    () => loopwire.forward({ port: 1, upstream: 'direct://' }),
    Error,
    { port: 1, cause: NONE, message: expect.stringMatching(/60000 to 60099.*setRangePort/) },
  ],
  [
    'req_proxy_config_error',
    () => {
      loopwire.setAPIHost('file:///does/not/exist.json');
      return loopwire.forward({ port: 60_000, upstream: { id: 'a' } });
    },
    Error,
    {
      port: 60_000,
      path: '/does/not/exist.json',
      cause: { code: 'ENOENT', syscall: 'open', path: '/does/not/exist.json' },
    },
  ],
  ['ERR_PORT_NOT_FORWARDED', () => loopwire.rotate(60_000), Error, { port: 60_000, cause: NONE }],
  [
    'ERR_SHUT_DOWN',
    async () => {
      const waiting = loopwire.forward({ port: 60_000, upstream: await silent() });
      void loopwire.shutdown();
      return waiting;
    },
    Error,
    { port: 60_000 },
  ],
  [
    'ERR_WORKSPACE_ROOT',
    () => loopwire.openWorkspace('/does/not/exist'),
    Error,
    { path: '/does/not/exist', cause: { code: 'ENOENT', syscall: 'open' } },
  ],
  ['ERR_WORKSPACE_ROOT', () => loopwire.openWorkspace(__filename), Error, { path: __filename }],
  ['ERR_WORKSPACE_OPEN', () => [open(), open()]],
  ['ABORT_ERR', () => loopwire.drained({ signal: AbortSignal.abort(1) }), Error, { cause: 1 }],
  [
    'ERR_OUTPUT_TOO_LARGE',
    () => open().execute('yes', { maxOutputBytes: 10 }),
    RangeError,
    { cause: NONE },
  ],
  // Of a workspace.
  [
    'ID_IN_USE',
    async () => {
      const workspace = open();
      await workspace.terminal({ id: 'a', command: 'sleep 9' });
      return workspace.terminal({ id: 'a', command: 'true' });
    },
  ],
  [
    'NO_WORKSPACE',
    async () => {
      const workspace = open();
      await workspace.close();
      return workspace.terminal({ command: 'true' });
    },
  ],
  ['NOT_ENABLED', () => open({ files: false }).readFile('a')],
  ['PATH_OUTSIDE', () => open().readFile('../a'), Error, { path: '../a', cause: NONE }],
  ['PATH_OUTSIDE', () => open().watch('/etc'), Error, { path: '/etc', cause: NONE }],
  [
    'PATH_OUTSIDE',
    () => open().execute('true', { cwd: '../..' }),
    Error,
    { path: '../..', cause: NONE },
  ],
  [
    'PATH_OUTSIDE',
    () => open().git.fetch({ repoPath: '../..' }),
    Error,
    { path: '../..', cause: NONE },
  ],
  ['PATH_INVALID', () => open().readFile('a\0b'), Error, { path: 'a\0b' }],
  [
    'NOT_FOUND',
    () => open().readFile('nope'),
    Error,
    { path: 'nope', cause: { code: 'ENOENT', syscall: 'open', path: 'nope' } },
  ],
  [
    'NOT_FOUND',
    () => open().execute('true', { cwd: 'nope' }),
    Error,
    { path: 'nope', cause: { code: 'ENOENT', syscall: 'open', path: 'nope' } },
  ],
  ['NOT_A_FILE', () => open().readFile('.'), Error, { path: '.' }],
  [
    'NOT_A_DIRECTORY',
    () => {
      const workspace = open();
      write(workspace, 'a');
      return workspace.readFile('a/b');
    },
    Error,
    { path: 'a/b', cause: { code: 'ENOTDIR', path: 'a/b' } },
  ],
  [
    'FILE_TOO_LARGE',
    () => {
      const workspace = open({ maxFileBytes: 4 });
      write(workspace, 'a', '12345');
      return workspace.readFile('a');
    },
    Error,
    { path: 'a', cause: NONE },
  ],
  [
    'ROOT_GONE',
    () => {
      const workspace = open();
      fs.rmdirSync(workspace.root);
      return workspace.readFile('a');
    },
    Error,
    { path: expect.stringContaining('loopwire-codes-') },
  ],
  [
    'TOO_MANY_TERMINALS',
    async () => {
      const workspace = open({ maxTerminals: 1 });
      await workspace.terminal({ command: 'sleep 9' });
      return workspace.terminal({ command: 'true' });
    },
  ],
  [
    'INPUT_FULL',
    async () => {
      const terminal = await open().terminal({ command: 'sleep 9', pty: false });
      terminal.write('x'.repeat(1 << 20)).catch(() => {});
      await terminal.write('x'.repeat(1 << 20));
      return terminal.write('x');
    },
  ],
  [
    'SPAWN_FAILED',
    () => open({ shell: ['/no/such/shell', '-c'] }).execute('true'),
    Error,
    { cause: spawning('/no/such/shell') },
  ],
  ['UNKNOWN_SIGNAL', async () => (await open().terminal({ command: 'sleep 9' })).signal('SIGX')],
  [
    'TOO_MANY_WATCHES',
    () => {
      const workspace = open({ maxWatches: 1 });
      workspace.watch('.');
      return workspace.watch('.');
    },
  ],
  ['SNAPSHOT_NOT_FOUND', () => open().snapshots.diff(HASH, HASH), Error, { cause: NONE }],
  [
    'ROOT_REFUSED',
    () => loopwire.openWorkspace(os.homedir()).snapshots.create(),
    Error,
    { path: fs.realpathSync(os.homedir()) },
  ],
  [
    'ROOT_REFUSED',
    () => {
      const root = newFolder();
      const snapshotDir = path.join(root, 'inside');
      return loopwire.openWorkspace(root, { snapshotDir }).snapshots.create();
    },
    Error,
    { path: expect.stringMatching(/inside/) },
  ],
  [
    'TOO_MANY_FILES',
    () => {
      const workspace = open({ maxSnapshotFiles: 1, snapshotDir: newFolder() });
      for (const name of 'ab') write(workspace, name);
      return workspace.snapshots.create();
    },
  ],
  [
    'SNAPSHOT_FAILED',
    () => {
      const file = path.join(newFolder(), 'a file');
      fs.writeFileSync(file, '');
      return open({ snapshotDir: file }).snapshots.list();
    },
    Error,
    {
      path: expect.stringContaining('a file'),
      cause: { code: 'ENOTDIR', path: expect.stringContaining('a file') },
    },
  ],
  [
    'RESTORE_INCOMPLETE',
    async () => {
      const workspace = open({ snapshotDir: newFolder() });
      write(workspace, 'a/b', 'text');
      write(workspace, '.gitignore', 'ignored\n');
      const { commitHash } = await workspace.snapshots.create();
      fs.rmSync(path.join(workspace.root, 'a/b'));
      write(workspace, 'a/b/ignored');
      return workspace.snapshots.restore(commitHash);
    },
    Error,
    { path: 'a/b', message: expect.stringContaining('a/b') },
  ],
  // Of git.
  [
    'NOT_A_REPOSITORY',
    () => open().git.fetch({ repoPath: '.' }),
    Error,
    { path: '.', cause: NONE },
  ],
  ['NOT_FOUND', () => open().git.fetch({ repoPath: 'nope' }), Error, { path: 'nope' }],
  [
    'URL_REFUSED',
    () => open().git.clone({ url: 'file:///tmp/a', targetDir: 'a' }),
    Error,
    { path: 'a' },
  ],
  [
    'EXISTS',
    () => {
      const workspace = open();
      write(workspace, 'a/b');
      return workspace.git.clone({ url: 'https://127.0.0.1:9/a.git', targetDir: 'a' });
    },
    Error,
    { path: 'a' },
  ],
  [
    'CANCELLED',
    async () => {
      const workspace = open();
      const url = (await silent()).replace('socks5', 'http');
      const cloning = workspace.git.clone({ url: `${url}/a.git`, targetDir: 'a' });
      cloning.cancel();
      return cloning;
    },
    Error,
    { path: 'a' },
  ],
];

module.exports = { NONE, ROWS, here: path.basename(__filename), listen, newFolder };
