// The application in examples/electron.
//
// It is for Electron 25 and newer. In version 9, which a Python wheel holds, it runs made older, with stand-ins for what is
// younger (support/electron/younger.cjs). With ELECTRON_OVERRIDE_DIST_PATH it runs as it is.
'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { transformSync } = require('esbuild');
const lib = require('../../scripts/lib.cjs');
const { Application, Display, install } = require('../support/electron/application.cjs');
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
const shown = () => ['ipc', 'main', 'utility'].map((id) => document.getElementById(id).textContent);

async function works(app) {
  await app.ready;
  await until(() => app.run(({ state }) => Boolean(state.window)), 'a window');
  const page = (run) => app.page(run).catch(() => ['', '', '']);
  await until(
    async () => (await page(shown))[2].includes('utility:tick'),
    'events of the other process',
  );
  await app.run(({ loopwire }) => void loopwire.emit('my:event', { text: '<b>no HTML</b>' }));
  await until(
    async () => (await page(shown)).slice(0, 2).every((text) => text.includes('<b>no')),
    'the event',
  );
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
  const route = () =>
    app.run(({ electron }) =>
      electron.session.fromPartition('persist:browsing').resolveProxy('http://example.test/'),
    );
  await until(async () => (await route()) === `PROXY ${proxy}`, 'the proxy of the session');
  await app.run(({ state }) => void setTimeout(() => state.window.close(), 0));
  expect(await app.end()).toEqual({ code: 0, signal: null });
  expect(app.said).not.toMatch(/panicked|Error/);
  await until(() => !fs.existsSync(`/proc/${other}`), 'the end of the other process');
}

/** The package `electron`, as an application has it: it says which program to start. */
const program = (dist) => {
  const electron = path.join(tool('bundlers'), 'electron');
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: dist };
  const args = ['-p', `require(${JSON.stringify(electron)})`];
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' }).trim();
};

describe('the example', () => {
  let display;
  let folder;
  let app;
  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-example-'));
    if (tool('electron')) display = await Display.start();
    fs.cpSync(example, folder, { recursive: true });
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    fs.writeFileSync(path.join(folder, 'driver.js'), `${DRIVER}require('./main.js');`);
    fs.writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ ...manifest, main: 'driver.js' }),
    );
  });
  afterEach(async () => {
    await app?.kill();
    await display?.end();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const older = (name, options) => {
    const file = path.join(folder, name);
    const { code } = transformSync(fs.readFileSync(file, 'utf8'), options);
    const own = code.replaceAll(/"node:(\w+)"/g, '"$1"');
    fs.writeFileSync(file, own.replace('require("electron")', 'require("./younger.cjs")'));
  };

  needs('electron', 'bundlers').test(
    'runs in Electron 9, with stand-ins for what is younger',
    async () => {
      await install(folder);
      for (const name of ['younger.cjs', 'parent-port.cjs']) {
        fs.copyFileSync(path.join(support, name), path.join(folder, name));
      }
      for (const name of ['main.js', 'utility.js']) older(name, { target: 'node12' });
      older('renderer/renderer.js', { target: 'chrome83' });
      app = new Application({ display, place: folder, command: [program(tool('electron'))] });
      await works(app);
    },
    LONG,
  );

  needs('bundlers').test(
    'calls what Electron 45 has, as its types say',
    () => {
      const modules = path.join(folder, 'node_modules');
      fs.mkdirSync(path.join(modules, '@types'), { recursive: true });
      fs.symlinkSync(lib.root, path.join(modules, 'loopwire'));
      fs.symlinkSync(path.join(tool('bundlers'), 'electron'), path.join(modules, 'electron'));
      const types = path.join(lib.root, 'node_modules', '@types', 'node');
      fs.symlinkSync(types, path.join(modules, '@types', 'node'));
      const tsc = path.join(lib.root, 'node_modules', 'typescript', 'bin', 'tsc');
      const options = ['--noEmit', '--allowJs', '--checkJs', '--strict', 'false', '--skipLibCheck'];
      const files = ['main.js', 'preload.js', 'utility.js'];
      const more = ['--module', 'node20', '--types', 'node', '--preserveSymlinks'];
      const ran = spawnSync(process.execPath, [tsc, ...options, ...more, ...files], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(ran).toMatchObject({ status: 0, stdout: '' });
    },
    LONG,
  );

  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  when(
    given !== undefined && tool('bundlers') !== null,
    'ELECTRON_OVERRIDE_DIST_PATH, the folder of Electron 25 or newer',
  ).test(
    'runs as it is in an Electron of today',
    async () => {
      fs.mkdirSync(path.join(folder, 'node_modules'));
      fs.symlinkSync(lib.root, path.join(folder, 'node_modules', 'loopwire'));
      app = new Application({ display, place: folder, command: [program(given)] });
      await works(app);
    },
    LONG,
  );
});
