// The examples, each started as examples/README.md says.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const lib = require('../../scripts/lib.cjs');
const { launch } = require('../support/chromium.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { run } = require('../support/process/program.cjs');
const { until } = require('../support/until.cjs');

const readme = fs.readFileSync(path.join(lib.root, 'examples', 'README.md'), 'utf8');

/** The words of the command in an example's row. @param {string} name */
function command(name) {
  const [, text] = new RegExp(String.raw`^\| \[${name}\][^|]*\| \`([^\`]*)\``, 'm').exec(readme);
  return text.split(' ');
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-examples-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Starts an example, with another folder than the clone. @param {string} name @param {Record<string, string>} [env] */
function start(name, env) {
  const [program, ...args] = command(name);
  expect(program).toBe('node');
  const given = args.map((word) => (word === '.' ? folder : word));
  return run(process.execPath, given, { env: { ...process.env, ...env } });
}

/** Ends one as Ctrl+C does. */
async function interrupt(child) {
  child.process.kill('SIGINT');
  expect(await child.ended).toEqual({ code: 0, signal: null, errors: '' });
}

/** Its page in Chromium; nothing in it may fail. */
async function withPage(child, work) {
  const url = await child.next();
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (one) => one.type() === 'error' && problems.push(one.text()));
    await page.route('**/favicon.ico', (route) => route.fulfill({ body: '' }));
    await page.goto(url);
    await work(page);
    expect(page.url()).not.toContain('token');
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
}

test('node: prints what changes', async () => {
  const child = start('node');
  expect(await child.next()).toMatch(/^watching .* ws:\/\/127\.0\.0\.1:\d+$/);
  fs.writeFileSync(path.join(folder, 'new.txt'), 'text');
  expect(await child.next()).toMatch(/^\w+ .*new\.txt$/);
  await interrupt(child);
});

needs('chromium').test('page: shows events', async () => {
  const child = start('page');
  await withPage(child, async (page) => {
    await page.waitForFunction(() => /my:tick \{"count":\d+\}/.test(document.body.innerText));
    expect(await page.textContent('p')).toBe('open');
  });
  await interrupt(child);
});

test('jest: passes', async () => {
  const [npx, jest, ...args] = command('jest');
  expect([npx, jest]).toEqual(['npx', 'jest']);
  const bin = path.join(lib.root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = run(process.execPath, [bin, ...args]);
  const { code, errors } = await child.ended;
  expect(errors).toMatch(/Tests: +2 passed, 2 total/);
  expect(code).toBe(0);
});

needs('chromium', 'pages').test('xterm: runs a shell', async () => {
  const child = start('xterm', { NODE_PATH: tool('pages') });
  await withPage(child, async (page) => {
    await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent.trim());
    await page.keyboard.type('echo $((6 * 7))-is-it; pwd');
    await page.keyboard.press('Enter');
    const rows = () => page.textContent('.xterm-rows');
    await until(async () => (await rows()).includes('42-is-it'), 'the output');
    await until(async () => (await rows()).includes(path.basename(folder)), 'the folder');
    await page.keyboard.type('exit 3');
    await page.keyboard.press('Enter');
    await until(async () => (await rows()).includes('[ended with 3]'), 'the end');
  });
  await interrupt(child);
});

test('every folder of the examples has a row that says how to start it', () => {
  const entries = fs.readdirSync(path.join(lib.root, 'examples'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  for (const { name } of folders) expect(readme).toContain(`| [${name}](`);
});
