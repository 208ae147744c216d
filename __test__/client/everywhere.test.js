// The client on every platform that it is for: the same tests on each, over a real listener.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { launch } = require('../support/chromium.cjs');
const { Lab } = require('../support/client/lab.cjs');
const { needs, tool } = require('../support/needs.cjs');

const program = path.join(__dirname, 'everywhere', 'run.mjs');

let lab;

beforeEach(async () => {
  lab = await Lab.start(loopwire);
});

afterEach(() => lab.close());

/** The names of all tests. */
function names() {
  const text = fs.readFileSync(path.join(__dirname, 'everywhere', 'tests.mjs'), 'utf8');
  return Array.from(text.matchAll(/^ {2}async (['"])(.+?)\1\(/gm), ([, , name]) => name);
}

/** What failed, with the reason; and that all tests have run. @param {{name: string, error: string | null}[]} results */
function check(results) {
  const failed = results.filter(({ error }) => error !== null);
  expect(failed.map(({ name, error }) => `${name}: ${error}`)).toEqual([]);
  expect(results.map(({ name }) => name)).toEqual(names());
}

/** Runs the tests by a program, which has to end by itself. @param {string} command @param {string[]} args */
async function runBy(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const results = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  check(results);
  expect([code, errors]).toEqual([0, expect.any(String)]);
}

const ws = require.resolve('ws');

const PLATFORMS = [
  ['node20', 'Node 20 with the package ws', [], [ws]],
  ['node22', 'Node 22', [], []],
  ['node24', 'Node 24', [], []],
  ['node26', 'Node 26', [], []],
  ['bun', 'Bun', [], []],
  [
    'deno',
    'Deno',
    ['run', '--quiet', '--no-config', '--no-lock', '--allow-net', '--allow-read'],
    [],
  ],
];

for (const [name, title, flags, more] of PLATFORMS) {
  needs(name).test(`the client works on ${title}`, async () => {
    await runBy(tool(name), [...flags, program, lab.origin, 'import', ...more]);
  });
}

for (const [name, title, flags, more] of PLATFORMS) {
  needs(name).test(`its CommonJS build works on ${title}`, async () => {
    await runBy(tool(name), [...flags, program, lab.origin, 'require', ...more]);
  });
}

needs('chromium').test('the client works in a page of Chromium', async () => {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(lab.origin);
    await page.waitForFunction('window.results').catch((error) => {
      throw new Error(`${error}\n${problems.join('\n')}`);
    });
    check(await page.evaluate('window.results'));
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
});
