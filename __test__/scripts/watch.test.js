// That Jest's tests see panics and faults: a run of Jest on a file of its own, whose tests are to fail.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { toolPath } = require('../../scripts/lib.cjs');
const { seen } = require('../support/process/seen.cjs');

const support = (file) => path.resolve(__dirname, '..', 'support', file);

const FILE = `
const { native } = require(${JSON.stringify(support('harness.cjs'))});
const { start } = require(${JSON.stringify(support('process/child.cjs'))});
const panic = (text) => native.harness.panicElsewhere(text);
const program = (...args) => start('panicking', { args }).ended;

test('a panic', () => panic('of nobody'));
test('the one after it', () => {});
test('an ordered panic', () => {
  native.harness.order('as it was ordered');
  return panic('a panic, as it was ordered');
});
test('a program that panics', () => program());
test('a program that was to panic', () => program('ordered'));
`;

/** Runs that file. Gives each test's end by its name. */
async function outcomes() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-watch-'));
  try {
    fs.writeFileSync(path.join(folder, 'one.test.js'), FILE);
    const config = { rootDir: folder, setupFilesAfterEnv: [support('watch.cjs')] };
    const args = [toolPath('jest'), '--json', '--config', JSON.stringify(config)];
    const report = await new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: folder }, (_, stdout) => resolve(JSON.parse(stdout)));
    });
    return report.testResults[0].assertionResults;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test('a panic fails the test behind which it is found, unless that ordered it', async () => {
  const tests = await outcomes();
  expect(tests.map(({ title, status }) => [title, status])).toEqual([
    ['a panic', 'failed'],
    ['the one after it', 'passed'],
    ['an ordered panic', 'passed'],
    ['a program that panics', 'failed'],
    ['a program that was to panic', 'passed'],
  ]);
  const said = tests.map(({ failureMessages }) => failureMessages.join('\n'));
  expect(said[0]).toMatch(/no test ordered this:\n.*panicked at src\/harness.rs:\S+ of nobody/);
  expect(said[3]).toMatch(/no test ordered this:\n.*panicked at src\/harness.rs:\S+ in a program/);
});

test('what a program prints of panics and faults is told from the rest', () => {
  const panic = "thread 'loopwire' (7) panicked at src/lib.rs:1:2:\nit broke\nnote: run with more";
  const fault = '2026-01-01T00:00:00Z ERROR loopwire_channel::fault: fault component="accept"';
  expect(seen(`a line\n${panic}\n${fault}\nNOT ORDERED: loopwire: it broke\n`)).toEqual([
    "thread 'loopwire' (7) panicked at src/lib.rs:1:2: it broke",
    fault,
    'NOT ORDERED: loopwire: it broke',
  ]);
  expect(seen('WARN loopwire_channel::fault: nothing\n')).toEqual([]);
});
