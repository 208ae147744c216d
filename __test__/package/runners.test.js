// Test runners and other runtimes, with the installed package and without configuration.
'use strict';

const path = require('node:path');
const lib = require('../../scripts/lib.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { PRINTED, PROGRAM, application } = require('../support/package/packed.cjs');

/** A test as an application has it; Jest, vitest and `node:test` differ in what they call it. */
const BODY = `
  const heard = new Promise((resolve) => {
    loopwire.startEventListener(0, 'a-token-of-the-app', resolve, { format: 'string' });
  });
  loopwire.emit('app:started', 'hello');
  if ((await heard) !== '{"type":"app:started","payload":"hello"}') throw new Error(await heard);
  await loopwire.shutdown();
`;
const testFile = (/** @type {string} */ head, /** @type {string} */ test = BODY) =>
  `${head}\ntest('an event arrives', async () => {${test}});\n`;
const REQUIRED = "const loopwire = require('loopwire');";

/** @type {Awaited<ReturnType<typeof application>>} */
let app;

beforeAll(async () => {
  app = await application({
    'package.json': '{"private":true}',
    'jest/event.test.js': testFile(REQUIRED),
    // Nothing but the require: what it opened would be told.
    'jest/loads.test.js': `${REQUIRED}\ntest('loads', () => expect(loopwire.emit).toBeDefined());\n`,
    'jest/again.test.js': testFile(`jest.resetModules();\n${REQUIRED}`),
    'jest/fake.test.js': `jest.useFakeTimers();\n${testFile(REQUIRED)}`,
    'vitest/event.test.js': testFile("import * as loopwire from 'loopwire';"),
    'vitest/again.test.js': testFile("import loopwire from 'loopwire';"),
    'node/event.test.cjs': testFile(`const test = require('node:test');\n${REQUIRED}`),
    'node/event.test.mjs': testFile(
      "import test from 'node:test';\nimport * as loopwire from 'loopwire';",
    ),
    'main.mjs': PROGRAM,
    'main.cjs': PROGRAM.replace(/import (.*) from ('loopwire')/, 'const $1 = require($2)'),
  });
}, 300_000);
afterAll(() => app?.remove());

const runJest = (/** @type {string[]} */ ...args) =>
  app.run(process.execPath, [lib.toolPath('jest'), '--rootDir', 'jest', ...args]);

describe('Jest', () => {
  test('runs tests of an application, two at a time and one after the other', async () => {
    for (const how of ['--maxWorkers=2', '--runInBand']) {
      const { code, output } = await runJest(how);
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).toMatch(/Tests: +4 passed, 4 total/);
      expect(output).not.toMatch(/did not exit|open handle|force exited/i);
    }
  }, 60_000);

  test('finds no open handle, neither of a require nor after a shutdown', async () => {
    const { code, output } = await runJest('--detectOpenHandles', 'loads|event');
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).not.toMatch(/open handle|did not exit/i);
  }, 60_000);
});

needs('bundlers', 'node22').describe('vitest', () => {
  test.each(['threads', 'forks', 'vmThreads', 'vmForks'])(
    'runs tests of an application in its pool %s',
    async (pool) => {
      const vitest = path.join(tool('bundlers'), 'vitest', 'vitest.mjs');
      const args = [vitest, 'run', '--globals', '--dir', 'vitest', `--pool=${pool}`];
      const { code, output } = await app.run(tool('node22'), args);
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).toMatch(/Tests +2 passed \(2\)/);
      expect(output).not.toMatch(/hanging|close timed out|unhandled/i);
    },
    60_000,
  );
});

test('node:test runs tests of an application', async () => {
  const args = ['--test', 'node/event.test.cjs', 'node/event.test.mjs'];
  const { code, output } = await app.run(process.execPath, args);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/pass 2\b/);
}, 60_000);

describe.each(['main.mjs', 'main.cjs'])('%s runs', (program) => {
  // Native code needs the right to run it, and nothing else.
  const deno = ['run', '--no-prompt', '--node-modules-dir=manual', '--allow-ffi'];
  for (const [name, title, flags] of [
    ['deno', 'in Deno, which asks for no variable and no file', deno],
    ['bun', 'in Bun', []],
    ['node22', 'in Node 22', []],
  ]) {
    needs(name).test(
      title,
      async () => {
        const { code, output } = await app.run(tool(name), [...flags, program]);
        expect({ code, output }).toEqual({ code: 0, output: PRINTED });
      },
      60_000,
    );
  }
});
