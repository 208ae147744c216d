// The application in examples/electron.
//
// It is for Electron 25 and newer. In version 9, which a Python wheel holds, it runs made older, with stand-ins for what is
// younger (support/electron/younger.cjs). With ELECTRON_OVERRIDE_DIST_PATH it runs as it is.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { build } = require('esbuild');
const lib = require('../../scripts/lib.cjs');
const { Display, install, Application } = require('../support/electron/application.cjs');
const { needs, tool, when } = require('../support/needs.cjs');
const { until } = require('../support/until.cjs');

const LONG = 30_000;
const example = path.join(lib.root, 'examples', 'electron');
const support = path.resolve(__dirname, '..', 'support', 'electron');

/** Lets a test drive the example: it opens its window by itself. */
const DRIVER = `
const electron = require('electron');
const state = {};
electron.app.on('browser-window-created', (_, window) => (state.window = window));
process.on('uncaughtException', (error) => {
  process.stderr.write(String(error && error.stack) + '\\n');
  electron.app.exit(70);
});
process.on('message', async ({ id, code, args }) => {
  try {
    process.send({ id, value: await eval(code)({ electron, state, loopwire: require('loopwire') }, ...args) });
  } catch (error) {
    process.send({ id, error: String(error && error.stack) });
  }
});
electron.app.once('ready', () => process.send({ ready: { versions: { ...process.versions } } }));
`;

/** The lists that the page shows. */
const shown = () =>
  ['ipc', 'main', 'utility'].map((id) => document.getElementById(id).textContent);

async function works(app) {
  await app.ready;
  await until(() => app.run(({ state }) => Boolean(state.window)), 'a window');
  const page = (run) => app.page(run).catch(() => ['', '', '']);
  await until(async () => (await page(shown))[2].includes('utility:tick'), 'events of the other process');
  await app.run(({ loopwire }) => void loopwire.emit('my:event', { text: '<b>no HTML</b>' }));
  await until(async () => (await page(shown)).slice(0, 2).every((text) => text.includes('<b>no')), 'the event');
  const [ipc, main, utility] = await page(shown);
  expect(ipc).toMatch(/app:started \{"proxy":"127\.0\.0\.1:\d+"/);
  expect(main).not.toContain('utility:tick');
  expect(utility).not.toContain('my:event');
  expect(
    await app.page(() => [
      typeof require,
      document.querySelector('b'),
      document.getElementById('main-state').textContent,
      document.getElementById('utility-state').textContent,
    ]),
  ).toEqual(['undefined', null, 'open', 'open']);
  // The computer wakes up: the port is tried.
  await app.run(({ electron }) => void electron.powerMonitor.emit('resume'));
  await until(async () => (await page(shown))[0].includes('app:resumed'), 'the end of the sleep');
  const other = Number(/utility:tick \{"pid":(\d+)\}/.exec(utility)[1]);
  const proxy = /"proxy":"([^"]+)"/.exec(ipc)[1];
  const route = await app.run(({ electron }) =>
    electron.session.fromPartition('persist:browsing').resolveProxy('http://example.test/'),
  );
  expect(route).toBe(`PROXY ${proxy}`);
  await app.run(({ state }) => void setTimeout(() => state.window.close(), 0));
  expect(await app.end()).toEqual({ code: 0, signal: null });
  expect(app.said).not.toMatch(/panicked|Error/);
  await until(() => !fs.existsSync(`/proc/${other}`), 'the end of the other process');
}

describe('the example', () => {
  let display;
  let folder;
  let app;
  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-example-'));
    if (tool('electron')) display = await Display.start();
  });
  afterEach(async () => {
    await app?.kill();
  });
  afterAll(async () => {
    await display?.end();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** The example's folder with Loopwire in it, and the driver before its main file. */
  async function prepare() {
    fs.cpSync(example, folder, { recursive: true });
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    fs.writeFileSync(path.join(folder, 'driver.js'), `${DRIVER}require('./main.js');`);
    manifest.main = 'driver.js';
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  }

  needs('electron', 'bundlers').test(
    'runs in Electron 9, with stand-ins for what is younger',
    async () => {
      await prepare();
      await install(folder);
      for (const name of ['younger.cjs', 'parent-port.cjs']) {
        fs.copyFileSync(path.join(support, name), path.join(folder, name));
      }
      await older(['main.js', 'utility.js'], {
        platform: 'node',
        target: 'node12',
        format: 'cjs',
        define: { 'process.env.UPSTREAM': 'undefined' },
      });
      // Pages of Chromium 83 have no `await` outside of functions.
      const page = path.join(folder, 'renderer', 'renderer.js');
      const text = fs.readFileSync(page, 'utf8').replace(/^(import .*)$/m, '$1\n(async () => {');
      fs.writeFileSync(page, `${text}\n})();\n`);
      await older(['renderer/renderer.js'], { format: 'esm', target: 'chrome83' });
      // As its README says it, through the package \`electron\`, which has no browser of its own here.
      const cli = path.join(tool('bundlers'), 'electron', 'cli.js');
      expect(fs.existsSync(cli)).toBe(true);
      app = new Application({ display, place: folder });
      await works(app);
    },
    LONG,
  );

  /** Makes files of the example older, in place. */
  const older = (names, options) =>
    Promise.all(
      names.map((name) =>
        build({
          entryPoints: [path.join(folder, name)],
          outfile: path.join(folder, name),
          allowOverwrite: true,
          bundle: false,
          ...options,
        }),
      ),
    );
});
