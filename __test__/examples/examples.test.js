// The examples node, page, jest and xterm, started as examples/README.md says: in a fresh folder with a copy of all, where npm
// has installed the package from its tarballs. The others have tests of their own; here is what their documents say.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const lib = require('../../scripts/lib.cjs');
const { launch } = require('../support/chromium.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { application } = require('../support/package/packed.cjs');
const { run } = require('../support/process/program.cjs');
const { until } = require('../support/until.cjs');

const readme = fs.readFileSync(path.join(lib.root, 'examples', 'README.md'), 'utf8');

/** The words of the command in an example's row. @param {string} name */
function command(name) {
  const [, text] = new RegExp(String.raw`^\| \[${name}\][^|]*\| \`([^\`]*)\``, 'm').exec(readme);
  return text.split(' ');
}

/** Packs, installs and copies, if it is the first to do so. */
const LONG = 60_000;

/** The folder in which they are started, and the one that they watch. */
let fresh;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-examples-'));

/** Not what was installed beside an example. @param {string} file */
const isOwn = (file) => !path.relative(lib.root, file).includes('node_modules');

beforeAll(async () => {
  // Jest looks for the root of a project.
  fresh = await application({ 'package.json': '{"private":true}' });
  const to = fresh.path('examples');
  fs.cpSync(path.join(lib.root, 'examples'), to, { recursive: true, filter: isOwn });
}, LONG);
afterAll(() => {
  fresh?.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Starts an example, with another folder than its own. @param {string} name */
function start(name) {
  const [program, ...args] = command(name);
  expect(program).toBe('node');
  const given = args.map((word) => (word === '.' ? folder : word));
  return run(process.execPath, given, { cwd: fresh.folder });
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
  // As `npm install --no-save jest ws` would have put them.
  for (const name of ['jest', 'ws']) {
    fs.symlinkSync(path.join(lib.root, 'node_modules', name), fresh.path(`node_modules/${name}`));
  }
  const bin = fresh.path('node_modules/jest/bin/jest.js');
  const child = run(process.execPath, [bin, ...args], { cwd: fresh.folder });
  const { code, errors } = await child.ended;
  expect(errors).toMatch(/Tests: +2 passed, 2 total/);
  expect(code).toBe(0);
});

needs('chromium', 'pages').test('xterm: runs a shell', async () => {
  // As `npm install --no-save @xterm/xterm` would have put it.
  fs.symlinkSync(path.join(tool('pages'), '@xterm'), fresh.path('node_modules/@xterm'));
  const child = start('xterm');
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

test('every folder of the examples has a row that links it and says how to start it', () => {
  const entries = fs.readdirSync(path.join(lib.root, 'examples'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  // The demo is started by the file beside its folder.
  for (const { name } of folders)
    expect(readme).toMatch(new RegExp(String.raw`^\| \[${name}\]\(${name}[./][^)]*\) \| \S`, 'm'));
});

test('electron: its README says the same, and how it is packaged', () => {
  const own = path.join(lib.root, 'examples', 'electron');
  const blocks = fs
    .readFileSync(path.join(own, 'README.md'), 'utf8')
    .match(/(?<=```sh\n).*?(?=\n```)/gs);
  expect(blocks[0].replace('\n', ' && ')).toBe(command('electron').join(' '));
  const { scripts } = JSON.parse(fs.readFileSync(path.join(own, 'package.json'), 'utf8'));
  expect(scripts).toEqual({ start: 'electron .' });
  // Started by __test__/electron/packaging.test.js.
  expect(blocks[1]).toMatch(/^npx electron-builder --dir$/m);
});
