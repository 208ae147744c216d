// The smoke test, on the installed tarballs: what it says of a package that works, and of one that does not.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../../scripts/lib.cjs');
const { application } = require('../support/package/packed.cjs');

const scripts = path.resolve(__dirname, '..', '..', 'scripts');

/** @type {Awaited<ReturnType<typeof application>>} */
let app;

beforeAll(async () => {
  app = await application({});
  // As on a machine that has the tarballs and these files, and no clone.
  fs.copyFileSync(path.join(scripts, 'smoke.cjs'), app.path('smoke.cjs'));
  fs.cpSync(path.join(scripts, 'smoke'), app.path('smoke'), { recursive: true });
}, 300_000);
afterAll(() => app?.remove());

const smoke = (/** @type {string[]} */ ...args) =>
  app.run(process.execPath, ['smoke.cjs', ...args]);

test('an installed package passes each step, and the process ends by itself', async () => {
  const { code, output } = await smoke();
  expect({ code, output }).toMatchObject({ code: 0 });
  const [head, ...lines] = output.trim().split('\n');
  expect(head).toContain(path.join(app.folder, 'node_modules', 'loopwire'));
  expect(lines.pop()).toMatch(/^\d+ ok, 0 failed, \d not here$/);
  expect(lines.pop()).toBe('ok        end of the process: by itself');
  expect(lines.filter((line) => !/^(ok {6}|not here) {2}/.test(line))).toEqual([]);
}, 60_000);

test('what a platform lacks is told by name, and is tried all the same', async () => {
  const { output } = await smoke('--lacks', 'TLS=a platform of the test');
  expect(output).toMatch(/^ok {8}TLS: /m);
  expect(await smoke('--lacks', 'TSL=a typing error')).toMatchObject({
    code: 1,
    output: '--lacks: there is no step "TSL"\n',
  });
}, 60_000);

test('a package that does not load fails the first step, and nothing else is said', async () => {
  const addon = `node_modules/@loopwire/binding-${lib.platformAbi()}`;
  fs.renameSync(app.path(addon), app.path('aside'));
  try {
    const { code, output } = await smoke();
    expect(code).toBe(1);
    expect(output).toMatch(/^failed {4}require: the native core.*\(ERR_BINDING_MISSING\)$/m);
    expect(output).toMatch(/^0 ok, 2 failed, 0 not here$/m);
  } finally {
    fs.renameSync(app.path('aside'), app.path(addon));
  }
});
