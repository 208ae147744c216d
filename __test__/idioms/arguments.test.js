// Every function with every wrong type: it throws or rejects with the argument's name, before anything starts, and nothing
// waits for ever.
'use strict';

const fs = require('node:fs');
const loopwire = require('../..');
const { connect, listeners } = require('../support/channel/client.cjs');
const { failure } = require('../support/errors/failure.cjs');
const { folders } = require('../support/folders.cjs');
const { FUNCTIONS, WITHOUT_ARGUMENTS } = require('../support/arguments/functions.cjs');
const { METHODS, OF_LISTENERS, OF_TERMINALS } = require('../support/arguments/methods.cjs');
const { mishandled, wrong } = require('../support/arguments/walk.cjs');
const { when } = require('../support/needs.cjs');
const { run, runNode } = require('../support/process/program.cjs');

// Registers `shutdown()` behind each test.
listeners(loopwire);
const newFolder = folders('arguments');
const start = (callback, options) =>
  loopwire.startEventListener(0, loopwire.generateToken(), callback, options);
const posix = when(process.platform !== 'win32', 'a shell');
const linux = when(process.platform === 'linux', 'Linux: its /proc names the threads');

const THREADS = `
  (async () => {
    const fs = require('node:fs');
    const { FUNCTIONS } = require('./__test__/support/arguments/functions.cjs');
    const { mishandled, wrong } = require('./__test__/support/arguments/walk.cjs');
    const found = await wrong(FUNCTIONS, loopwire);
    found.push(...(await mishandled(FUNCTIONS, loopwire)));
    const name = (id) => fs.readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim();
    const names = fs.readdirSync('/proc/self/task').map(name);
    console.log(JSON.stringify({ found, started: names.filter((one) => /^loopwire/.test(one)) }));
  })();`;

const open = () => loopwire.openWorkspace(newFolder());

linux.test('every function refuses every wrong type, before a thread starts', async () => {
  const child = runNode(THREADS);
  expect(JSON.parse(await child.next())).toEqual({ found: [], started: [] });
  expect(await child.ended).toMatchObject({ code: 0 });
});

/** The methods of an object that are in no table, and take something. */
function forgotten(value, table, without) {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(value));
  const isMethod = (name) => typeof value[name] === 'function' && name !== 'constructor';
  return names.filter((name) => isMethod(name) && !(name in table) && !without.includes(name));
}

test('every function that takes something is in the table', () => {
  const known = [...Object.keys(FUNCTIONS), ...WITHOUT_ARGUMENTS].sort();
  expect(known).toEqual(Object.keys(loopwire).sort());
});

posix.test('every method of a workspace refuses every wrong type', async () => {
  const workspace = open();
  expect(await wrong(METHODS, workspace)).toEqual([]);
  expect(await mishandled(METHODS, workspace)).toEqual([]);
  expect(fs.readdirSync(workspace.root)).toEqual([]);
  const git = (name) => METHODS[`git.${name}`];
  expect(forgotten(workspace, METHODS, ['close', 'ref', 'unref'])).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.getPrototypeOf(workspace.git)).filter(git)).toHaveLength(
    5,
  );
});

test('every method of a listener refuses every wrong type', async () => {
  const listener = start(() => {});
  expect(await wrong(OF_LISTENERS, listener)).toEqual([]);
  expect(await mishandled(OF_LISTENERS, listener)).toEqual([]);
  const without = ['address', 'close', 'connections', 'ref', 'stats', 'unref'];
  expect(forgotten(listener, OF_LISTENERS, without)).toEqual([]);
});

posix.test('every method of a terminal refuses every wrong type, and writes nothing', async () => {
  const terminal = await open().terminal({ command: 'cat', pty: false });
  expect(await wrong(OF_TERMINALS, terminal)).toEqual([]);
  expect(await mishandled(OF_TERMINALS, terminal)).toEqual([]);
  expect(forgotten(terminal, OF_TERMINALS, ['close', 'eof'])).toEqual([]);
  terminal.eof();
  for await (const data of terminal.output) expect(String(data)).toBe('');
});

/** Memory that was transferred away: each view of it has no bytes. */
function transferred() {
  const buffer = new ArrayBuffer(8);
  const views = [new Uint8Array(buffer), new DataView(buffer), new Uint16Array(buffer)];
  structuredClone(buffer, { transfer: [buffer] });
  return [buffer, ...views];
}

posix.test('memory that was transferred is refused, and nothing empty is written', async () => {
  const workspace = open();
  const listener = start(() => {});
  const terminal = await workspace.terminal({ command: 'cat', pty: false });
  const wanted = expect.objectContaining({
    name: 'TypeError',
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringContaining('transferred'),
  });
  for (const data of transferred()) {
    await expect(workspace.writeFile('a', data)).rejects.toEqual(wanted);
    await expect(workspace.execute('cat', { input: data })).rejects.toEqual(wanted);
    expect(() => listener.send('conn-1', data)).toThrow(wanted);
    expect(() => terminal.write(data)).toThrow(wanted);
  }
  expect(await workspace.writeFile('b', new Uint8Array(0))).toMatchObject({ size: 0 });
  expect(fs.readdirSync(workspace.root)).toEqual(['b']);
});

const HUGE = 'x'.repeat(8 << 20);
const LONE = '\ud800';

describe('texts without end', () => {
  const token = 'a-token-of-the-tests';
  test.each([
    ['a type of emit', () => loopwire.emit(HUGE), RangeError],
    ['a payload of emit', () => loopwire.emit('my:event', HUGE), RangeError],
    ['a token', () => loopwire.startEventListener(0, HUGE, () => {}), RangeError],
    ['an address', () => start(() => {}, { host: HUGE }), TypeError],
    ['an unknown option', () => loopwire.configure({ [HUGE]: 1 }), TypeError],
    ['an unknown option of a listener', () => start(() => {}, { [HUGE]: 1 }), TypeError],
    ['the id of a proxy', () => loopwire.createWithId(60_000, HUGE), RangeError],
    ['a plan', () => loopwire.createWithId(60_000, 'a', HUGE), RangeError],
    ['the id of a request', () => loopwire.quickCreateAtPort(60_000, HUGE), RangeError],
    ['an upstream', () => loopwire.forward({ port: 60_000, upstream: HUGE }), TypeError],
    [
      'the id of a forward',
      () => loopwire.forward({ port: 60_000, upstream: 'direct://', requestId: HUGE }),
      RangeError,
    ],
    ['a token of the HTTP API', () => loopwire.startHttpApi(60_500, { token: HUGE }), RangeError],
    ['a command', () => open().execute(HUGE), TypeError],
    ['the environment', () => open().execute('true', { env: { A: HUGE } }), TypeError],
    ['the id of a terminal', () => open().terminal({ id: HUGE }), TypeError],
    ['a path to watch', () => open().watch(HUGE), TypeError],
    ['a message of a snapshot', () => open().snapshots.create({ message: HUGE }), TypeError],
  ])('are refused at once: %s', async (_, call, Class) => {
    const error = await failure(call);
    expect(error).toBeInstanceOf(Class);
    expect(error.code).toMatch(/^ERR_/);
    expect(error.message.length).toBeLessThan(400);
  });

  test.each([
    ['readFile', (workspace) => workspace.readFile(HUGE), 'PATH_INVALID'],
    ['writeFile', (workspace) => workspace.writeFile(HUGE, 'x'), 'PATH_INVALID'],
    ['cwd', (workspace) => workspace.execute('true', { cwd: HUGE }), 'PATH_INVALID'],
    ['repoPath', (workspace) => workspace.git.fetch({ repoPath: HUGE }), 'PATH_INVALID'],
    ['restore', (workspace) => workspace.snapshots.restore(HUGE), 'SNAPSHOT_NOT_FOUND'],
  ])('are paths and names that nothing has: %s', async (_, call, code) => {
    expect(await failure(() => call(open()))).toMatchObject({ code });
  });

  test.each([
    ['setAPIHost', () => loopwire.setAPIHost(HUGE)],
    ['setHeader', () => loopwire.setHeader(HUGE, HUGE)],
    ['setQuery', () => loopwire.setQuery('a', HUGE)],
    ['setSaveDataPath', () => loopwire.setSaveDataPath(HUGE)],
    ['updateIpFormatAndPorts', () => loopwire.updateIpFormatAndPorts(HUGE, 60_000, 1)],
    ['putConfigPort', () => loopwire.putConfigPort(60_000, HUGE)],
    ['startCommunicate', () => loopwire.startCommunicate(1, 0, `${token}${HUGE}`)],
  ])('give 1 and a text where a function gives numbers: %s', (_, call) => {
    expect(call()).toBe(1);
    expect(loopwire.sdkGetLastError()).not.toBe('');
  });
});

posix.test('half a pair of surrogates becomes U+FFFD, as in Node', async () => {
  const workspace = open();
  await workspace.writeFile(`a${LONE}`, LONE);
  expect(fs.readdirSync(workspace.root)).toEqual(['a\ufffd']);
  expect(await workspace.readFile(`a${LONE}`, 'utf8')).toBe('\ufffd');
  const { stdout } = await workspace.execute(`printf %s '${LONE}'`);
  expect(stdout).toBe('\ufffd');
  expect(loopwire.emit('my:event', LONE)).toBe(true);
});

test.each([
  ['a Buffer', Buffer.from('ab')],
  ['a typed array', new Uint16Array(2)],
  ['a DataView', new DataView(new ArrayBuffer(2))],
  ['an ArrayBuffer', new ArrayBuffer(0)],
  ['an ArrayBuffer with bytes', new ArrayBuffer(8)],
  ['shared memory', new SharedArrayBuffer(8)],
])('emit refuses %s and says what to do', (_, payload) => {
  expect(() => loopwire.emit('my:bytes', payload)).toThrow(
    expect.objectContaining({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringMatching(/^payload must be .*toString\("base64"\)\), not bytes$/),
    }),
  );
});

test.each([
  [5, 'a number'],
  [null, 'null'],
  ['x', 'a string'],
])('JavaScript calls %p what the native core calls it', async (value, called) => {
  const words = expect.objectContaining({ message: expect.stringMatching(`, not ${called}$`) });
  expect(() => loopwire.configure(value)).toThrow(words);
  await expect(loopwire.drained(value)).rejects.toEqual(words);
});

test('emit publishes what JSON has of other objects', async () => {
  const events = [];
  start((data) => events.push(JSON.parse(data).data));
  for (const payload of [new Map([[1, 2]]), new Set([1]), {}]) loopwire.emit('my:object', payload);
  expect(() => loopwire.emit('my:object', { big: 7n })).toThrow(TypeError);
  await loopwire.drained();
  while (events.length < 3) await new Promise(setImmediate);
  expect(events).toEqual([{}, {}, {}]);
});

// The same four bytes: two elements of two bytes, in the middle of more memory.
const memory = new Uint8Array([9, 9, 0x61, 0x62, 0x63, 0x0a, 9, 9]);
const shared = new Uint8Array(new SharedArrayBuffer(8));
shared.set(memory);
const BYTES = [
  ['a string', 'abc\n'],
  ['a Buffer', Buffer.from('abc\n')],
  ['a Uint8Array', memory.subarray(2, 6)],
  ['a Uint16Array', new Uint16Array(memory.buffer, 2, 2)],
  ['a DataView', new DataView(memory.buffer, 2, 4)],
  ['an ArrayBuffer', memory.buffer.slice(2, 6)],
  ['a view of shared memory', shared.subarray(2, 6)],
];

describe.each(BYTES)('the bytes of %s', (_, data) => {
  posix.test('are the input of a command', async () => {
    const workspace = open();
    const { stdout } = await workspace.execute('cat', { input: data });
    expect(stdout).toBe('abc\n');
    const terminal = await workspace.terminal({ command: 'cat', pty: false });
    await terminal.write(data);
    terminal.eof();
    const pieces = [];
    for await (const piece of terminal.output) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe('abc\n');
  });

  test('are written to a file', async () => {
    const workspace = open();
    expect(await workspace.writeFile('a', data)).toMatchObject({ size: 4 });
    expect(await workspace.readFile('a', 'utf8')).toBe('abc\n');
  });

  test('are sent to a client', async () => {
    const listener = start(() => {});
    const client = await connect(listener);
    expect(listener.send('conn-1', data)).toBe(true);
    expect(String(await client.next())).toBe('abc\n');
  });
});

posix.test('an option of terminal is none of execute', async () => {
  const workspace = open();
  await expect(workspace.execute('cat', { cols: 5 })).rejects.toMatchObject({
    code: 'ERR_UNKNOWN_OPTION',
    message: 'options has no option cols; terminal() has it',
  });
});

test('require opens nothing that a test runner reports as an open handle', async () => {
  const child = run(process.execPath, [
    '-e',
    `
    const open = new Map();
    const hook = require('node:async_hooks').createHook({
      init: (id, type) => open.set(id, type),
      destroy: (id) => open.delete(id),
    });
    hook.enable();
    require('.');
    hook.disable();
    console.log(JSON.stringify([...open.values()]));`,
  ]);
  // napi-rs itself has this one, which Jest does not report.
  const open = JSON.parse(await child.next()).filter((type) => type !== 'CustomGC');
  expect(open).toEqual([]);
  expect(await child.ended).toMatchObject({ code: 0 });
});
