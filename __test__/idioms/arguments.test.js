// Every function with every wrong type: it throws or rejects with the argument's name, before anything starts, and nothing
// waits for ever.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../..');
const { connect, listeners } = require('../support/channel/client.cjs');
const { METHODS, wrong } = require('../support/arguments.cjs');
const { when } = require('../support/needs.cjs');
const { run, runNode } = require('../support/process/program.cjs');

// Registers `shutdown()` behind each test.
listeners(loopwire);
const start = (callback, options) =>
  loopwire.startEventListener(0, loopwire.generateToken(), callback, options);
const posix = when(process.platform !== 'win32', 'a shell');
const linux = when(process.platform === 'linux', 'Linux: its /proc names the threads');

const THREADS = `
  (async () => {
    const fs = require('node:fs');
    const { FUNCTIONS, wrong } = require('./__test__/support/arguments.cjs');
    const found = await wrong(FUNCTIONS, loopwire);
    const name = (id) => fs.readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim();
    const names = fs.readdirSync('/proc/self/task').map(name);
    console.log(JSON.stringify({ found, started: names.filter((one) => /^loopwire/.test(one)) }));
  })();`;

const folders = [];
afterEach(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function open() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-arguments-'));
  folders.push(folder);
  return loopwire.openWorkspace(folder);
}

linux.test('every function refuses every wrong type, before a thread starts', async () => {
  const child = runNode(THREADS);
  expect(JSON.parse(await child.next())).toEqual({ found: [], started: [] });
  expect(await child.ended).toMatchObject({ code: 0 });
});

posix.test('every method of a workspace refuses every wrong type', async () => {
  const workspace = open();
  expect(await wrong(METHODS, workspace)).toEqual([]);
  expect(fs.readdirSync(workspace.root)).toEqual([]);
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
