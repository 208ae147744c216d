// Errors: of the caller's realm (Jest runs each file in a `vm` context of its own), with a stack that begins here.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { promisify } = require('node:util');
const vm = require('node:vm');
const loopwire = require('../..');
const { WITHOUT_ARGUMENTS } = require('../support/arguments/functions.cjs');
const { failure } = require('../support/errors/failure.cjs');
const { folders } = require('../support/folders.cjs');

const here = path.basename(__filename);
const root = path.resolve(__dirname, '..', '..');
// What no stack may have.
const OWN = [path.join(root, 'lib', path.sep), path.join(root, 'index.js')];

afterEach(() => loopwire.shutdown());
const newFolder = folders('errors');

/** A workspace in a new directory. */
const open = (options) => loopwire.openWorkspace(newFolder(), options);

const listener = () => loopwire.startEventListener(0, loopwire.generateToken(), () => {});
const terminal = () => open().terminal({ command: 'sleep 60' });

/** The frames of an error. */
const frames = (error) => error.stack.split('\n').filter((line) => line.startsWith('    at '));

/** The line that the stack of an error begins in. */
const lineOf = (error) => Number(/:(\d+):\d+\)?$/.exec(frames(error)[0])[1]);

/** That an error is of this realm, and that its stack begins in this file. */
function expectOwn(error, Class = Error) {
  expect(Object.getPrototypeOf(error)).toBe(Class.prototype);
  expect(error.stack.split('\n')[0]).toBe(`${error.name}: ${error.message.split('\n')[0]}`);
  expect(frames(error)[0]).toContain(here);
  for (const own of OWN) expect(error.stack).not.toContain(own);
  expect(error).not.toHaveProperty('nativeClass');
  expect(error.code).toEqual(expect.any(String));
}

// One wrong call of each function that takes something.
const WRONG = {
  checkPortAvailable: ['x'],
  configure: [3],
  createProxyByPortConfigs: [3],
  createWithConfigure: [3],
  createWithId: ['x'],
  drained: [3],
  emit: [3],
  enableAutoRenew: ['x'],
  enableAutoRotation: ['x'],
  forward: [3],
  generateToken: ['x'],
  getConfigJSON: ['x'],
  getPortsAvailable: [3],
  getPortsFreeWithLimit: ['x'],
  getPortsWithLimit: ['x'],
  getPortsWithStartLimit: ['x'],
  initialize: [3],
  isRunningPort: ['x'],
  openWorkspace: [3],
  putConfigPort: ['x'],
  quickCreateAtPort: ['x'],
  quickCreateProxies: [3],
  removePort: ['x'],
  rotate: ['x'],
  setAPIHost: [3],
  setAutoRotationSetting: ['x'],
  setConfigPorts: [3],
  setEnableProxyAuth: ['x'],
  setEnableProxyAuthen: ['x'],
  setHeader: [3],
  setProtocol: ['x'],
  setProxyAuth: ['x'],
  setProxyAuthen: ['x'],
  setQuery: [3],
  setRangePort: ['x'],
  setRenewSetting: ['x'],
  setSaveDataPath: [3],
  setUserCountryCode: [3],
  startCommunicate: ['x'],
  startEventListener: ['x'],
  startHttpApi: ['x'],
  testPort: ['x'],
  updateIpFormatAndPorts: [3],
};

describe('every function, with a wrong argument', () => {
  test('is one of these tests', () => {
    expect(Object.keys(loopwire).sort()).toEqual(
      [...Object.keys(WRONG), ...WITHOUT_ARGUMENTS].sort(),
    );
  });

  test.each(Object.entries(WRONG))('%s', async (name, args) => {
    const call = loopwire[name];
    expectOwn(await failure(() => call(...args)), TypeError);
  });
});

describe('every method, with a wrong argument', () => {
  test.each([
    ['listener.send', async () => listener().send(3)],
    ['listener.disconnect', async () => listener().disconnect(3)],
    ['listener.rotateToken', async () => listener().rotateToken(3)],
    ['workspace.execute', async () => open().execute(3)],
    ['workspace.execute, an option', async () => open().execute('true', { nothing: 1 })],
    ['workspace.terminal', async () => open().terminal({ cols: 'x' })],
    ['workspace.readFile', async () => open().readFile(3)],
    ['workspace.writeFile', async () => open().writeFile('a', 3)],
    ['workspace.watch', async () => open().watch(3)],
    ['workspace.watch, a signal', async () => open().watch('a', { signal: 3 })],
    ['terminal.write', async () => (await terminal()).write(3)],
    ['terminal.resize', async () => (await terminal()).resize('x')],
    ['terminal.signal', async () => (await terminal()).signal(3)],
    ['snapshots.create', async () => open().snapshots.create({ message: 3 })],
    ['snapshots.create, a signal', async () => open().snapshots.create({ signal: 3 })],
    ['snapshots.restore', async () => open().snapshots.restore(3)],
    ['snapshots.list', async () => open().snapshots.list(3)],
    ['snapshots.diff', async () => open().snapshots.diff(3)],
    ['snapshots.delete', async () => open().snapshots.delete(3)],
    ['git.clone', async () => open().git.clone()],
    ['git.fetch', async () => open().git.fetch()],
    ['git.pull', async () => open().git.pull()],
    ['git.push', async () => open().git.push()],
    ['git.checkout', async () => open().git.checkout()],
  ])('%s', async (name, call) => {
    expectOwn(await failure(call), TypeError);
  });
});

describe('one error of each class', () => {
  test('TypeError, RangeError and Error that are thrown', async () => {
    expectOwn(await failure(() => loopwire.generateToken('x')), TypeError);
    expectOwn(await failure(() => loopwire.generateToken(-1)), RangeError);
    expectOwn(await failure(() => loopwire.openWorkspace('/does/not/exist')), Error);
  });

  test('what the constructor of a listener throws says where', async () => {
    const { port } = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
    const error = await failure(() =>
      loopwire.startEventListener(port, loopwire.generateToken(), () => {}),
    );
    expectOwn(error);
    expect(error).toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '127.0.0.1',
      port,
    });
  });

  test('the classes of the addon stay as they are, since contexts of one thread may share them', () => {
    const { NativeWorkspace } = require('../../binding.js');
    expect(String(NativeWorkspace.prototype.readFile)).toContain('[native code]');
  });

  test('an exception of the application stays what it is', async () => {
    const mine = new TypeError('mine');
    const payload = {
      toJSON() {
        throw mine;
      },
    };
    expect(await failure(() => loopwire.emit('my:event', payload))).toBe(mine);
  });

  test('so does one of another realm', async () => {
    const context = vm.createContext({});
    const payload = vm.runInContext(
      `class Mine extends Error {}
      const mine = new Mine('mine');
      ({ mine, payload: { toJSON() { throw mine; } } })`,
      context,
    );
    expect(await failure(() => loopwire.emit('my:event', payload.payload))).toBe(payload.mine);
  });

  test('own frames are left out of stacks that name files by their URLs, as those of Deno', () => {
    const source = fs.readFileSync(path.join(root, 'lib', 'stack.js'), 'utf8');
    const module = { exports: {} };
    const load = vm.runInThisContext(`(require, module, __filename) => {${source}\n}`);
    const installed = path.join(os.tmpdir(), 'my app');
    load(
      () => require('../../lib/loader/builtin.js'),
      module,
      path.join(installed, 'lib', 'stack.js'),
    );
    const url = (...names) => pathToFileURL(path.join(installed, ...names)).href;
    const mine = `    at ${url('main.mjs')}:2:2`;
    const own = [
      `    at own (${url('lib', 'native.js')}:1:1)`,
      `    at emit (${url('index.js')}:1:1)`,
    ];
    const stack = ['Error', ...own, mine].join('\n');
    expect(frames(module.exports.begin(new Error('x'), { stack }))).toEqual([mine]);
  });

  test.each([
    ['wants errors', 'if (!(error instanceof Error)) throw new Error("no error");'],
    ['fails', 'throw new Error("no stack");'],
  ])('survives an Error.prepareStackTrace that %s', async (_, code) => {
    const workspace = open();
    const before = Error.prepareStackTrace;
    // eslint-disable-next-line no-new-func
    Error.prepareStackTrace = new Function('error', 'sites', `${code} return 'made';`);
    try {
      const { code: thrown } = await failure(() => loopwire.emit(5));
      const { code: rejected } = await failure(() => workspace.readFile('nope'));
      expect([thrown, rejected]).toEqual(['ERR_INVALID_ARG_TYPE', 'NOT_FOUND']);
    } finally {
      Error.prepareStackTrace = before;
    }
  });
});

describe('rejected Promises', () => {
  test('are of this realm', () => {
    const promise = open().readFile('a');
    promise.catch(() => {});
    expect(promise).toBeInstanceOf(Promise);
  });

  test('have the stack of the call, whoever waits for them', async () => {
    const workspace = open();
    let line;
    function caller() {
      line = lineOf(new Error('here'));
      return workspace.readFile('nope');
    }
    const error = await new Promise((resolve) => {
      caller().then(undefined, resolve);
    });
    expectOwn(error);
    expect(lineOf(error)).toBe(line + 1);
    expect(error.code).toBe('NOT_FOUND');
  });

  test.each([
    ['writeFile', (workspace) => workspace.writeFile('../a', 'x')],
    ['execute', (workspace) => workspace.execute('true', { cwd: '../..' })],
    ['terminal', (workspace) => workspace.terminal({ command: 'true', cwd: '../..' })],
    ['watch', (workspace) => workspace.watch('../..').ready],
    ['snapshots.diff', (workspace) => workspace.snapshots.diff('0'.repeat(40))],
    ['git.fetch', (workspace) => workspace.git.fetch({ repoPath: 'nope' })],
  ])('%s', async (name, call) => {
    const workspace = open();
    const error = await new Promise((resolve) => {
      new Promise((settle) => settle(call(workspace))).then(undefined, resolve);
    });
    expectOwn(error);
  });

  test('of too much output', async () => {
    const workspace = open();
    const error = await new Promise((resolve) => {
      workspace.execute('yes', { maxOutputBytes: 10 }).then(undefined, resolve);
    });
    expect(error.code).toBe('ERR_OUTPUT_TOO_LARGE');
    expectOwn(error, RangeError);
  });

  test('are reported if nobody handles them', async () => {
    const program = `
      const loopwire = require(${JSON.stringify(root)});
      const workspace = loopwire.openWorkspace(${JSON.stringify(os.tmpdir())});
      process.on('unhandledRejection', (error) => {
        console.log(error.code);
        workspace.close();
      });
      workspace.readFile('nope/nope');
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
    expect(stdout.trim()).toBe('NOT_FOUND');
  });
});

describe('aborts', () => {
  test.each([
    ['watch', (workspace, signal) => workspace.watch('a', { signal })],
    ['snapshots.create', (workspace, signal) => workspace.snapshots.create({ signal })],
    ['git.fetch', (workspace, signal) => workspace.git.fetch({ repoPath: '.', signal })],
  ])('%s', async (name, call) => {
    const reason = new Error('no time');
    const workspace = open();
    const error = await failure(() => call(workspace, AbortSignal.abort(reason)));
    expectOwn(error);
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
    expect(error.cause).toBe(reason);
  });
});

/** What Node's own error has. */
const facts = ({ message, code, errno, syscall, path: file }) => ({
  message,
  code,
  errno,
  syscall,
  path: file,
});

describe('errors of files', () => {
  test('have the path, and the cause that Node would have given', async () => {
    const workspace = open();
    const missing = await failure(() => workspace.readFile('no-such-file'));
    expect(missing).toMatchObject({ code: 'NOT_FOUND', path: 'no-such-file' });
    const theirs = await failure(() => fs.promises.readFile('no-such-file'));
    expect(facts(missing.cause)).toEqual(facts(theirs));
    expect(missing.cause).toBeInstanceOf(Error);
    expect(Object.keys(missing)).not.toContain('cause');
  });

  test('that are beneath a file, or not to be written', async () => {
    const workspace = open();
    await workspace.writeFile('a', 'x');
    const beneath = await failure(() => workspace.readFile('a/b'));
    expect(beneath).toMatchObject({ code: 'NOT_A_DIRECTORY', path: 'a/b' });
    expect(beneath.cause).toMatchObject({ code: 'ENOTDIR', syscall: 'open', path: 'a/b' });
    const nowhere = await failure(() => workspace.writeFile('b/c', 'x'));
    expect(nowhere).toMatchObject({ code: 'NOT_FOUND', path: 'b/c' });
    expect(nowhere.cause).toMatchObject({ code: 'ENOENT', path: 'b/c' });
  });

  test('that lead out of the workspace have no cause: no system call was made', async () => {
    const error = await failure(() => open().readFile('../../etc/passwd'));
    expect(error).toMatchObject({ code: 'PATH_OUTSIDE', path: '../../etc/passwd' });
    expect(error.cause).toBeUndefined();
  });

  test('of a root', async () => {
    const error = await failure(() => loopwire.openWorkspace('/does/not/exist'));
    expect(error).toMatchObject({ code: 'ERR_WORKSPACE_ROOT', path: '/does/not/exist' });
    expect(error.cause).toMatchObject({ code: 'ENOENT', syscall: 'open' });
  });

  test('of a working directory, and of a repository', async () => {
    const workspace = open();
    const cwd = await failure(() => workspace.terminal({ command: 'true', cwd: 'nope' }));
    expect(cwd).toMatchObject({ code: 'NOT_FOUND', path: 'nope' });
    expect(cwd.cause).toMatchObject({ code: 'ENOENT', path: 'nope' });
    const git = await failure(() => workspace.git.fetch({ repoPath: 'nope' }));
    expect(git).toMatchObject({ path: 'nope' });
  });
});
