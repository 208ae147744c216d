// Stacks of errors while the application wants few frames: they are of its own code, as many as it wants.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../..');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-stack-limit-'));
const before = Error.stackTraceLimit;
let workspace;

beforeAll(() => {
  workspace = loopwire.openWorkspace(folder);
});
afterEach(() => {
  Error.stackTraceLimit = before;
});
afterAll(async () => {
  await loopwire.shutdown();
  fs.rmSync(folder, { recursive: true, force: true });
});

const CALLS = {
  'a wrong argument': () => loopwire.emit(3),
  'a wrong argument of a method': () => workspace.execute(3),
  'a failure of the native core': () => workspace.execute('true', { cwd: '../..' }),
  'an abort': () => workspace.terminal({ command: 'true', signal: AbortSignal.abort() }),
};

/** Calls it in a stack that is deeper than any limit here. */
const within = (depth, call) => (depth === 0 ? call() : within(depth - 1, call));

describe.each([1, 3, 10])('with a limit of %d frames', (limit) => {
  test.each(Object.entries(CALLS))('%s', async (_, call) => {
    Error.stackTraceLimit = limit;
    const { stack } = await new Promise((resolve) => {
      new Promise((settle) => settle(within(12, call))).then(undefined, resolve);
    });
    const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
    expect(frames).toHaveLength(limit);
    for (const frame of frames) expect(frame).toContain(path.basename(__filename));
    expect(Error.stackTraceLimit).toBe(limit);
  });
});
