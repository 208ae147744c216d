// The application in examples/electron, which a test drives.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { transformSync } = require('esbuild');
const lib = require('../../../scripts/lib.cjs');
const { tool } = require('../needs.cjs');
const { until } = require('../until.cjs');
const { install } = require('./application.cjs');

const example = path.join(lib.root, 'examples', 'electron');

/** Lets a test drive the example, which opens its window by itself. */
const DRIVER = `
const electron = require('electron');
const state = {};
electron.app.once('browser-window-created', (_, window) => (state.window = window));
process.on('uncaughtException', (error) => {
  process.stderr.write(String(error && error.stack) + '\\n');
  electron.app.exit(70);
});
process.on('message', async ({ id, code, args }) => {
  try {
    const given = { electron, state, loopwire: require('loopwire'), folder: __dirname };
    process.send({ id, value: await eval(code)(given, ...args) });
  } catch (error) {
    process.send({ id, error: String(error && error.stack) });
  }
});
electron.app.once('ready', () => process.send({ ready: { versions: { ...process.versions } } }));
`;

/** A fresh copy of the example, which a test can drive. */
function copy() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-example-'));
  const at = (name) => path.join(folder, name);
  const isOwn = (file) => !/^(node_modules|dist|out)\b/.test(path.relative(example, file));
  fs.cpSync(example, folder, { recursive: true, filter: isOwn });
  const manifest = JSON.parse(fs.readFileSync(at('package.json'), 'utf8'));
  fs.writeFileSync(at('driver.js'), `${DRIVER}require('./main.js');`);
  fs.writeFileSync(at('package.json'), JSON.stringify({ ...manifest, main: 'driver.js' }));
  return folder;
}

/** What is put beside the example for Electron 9. */
const STANDINS = ['younger.cjs', 'parent-port.cjs'];

/** A copy for Electron 9: the JavaScript is made older, and stand-ins take the place of what is younger. */
async function olderCopy() {
  const folder = copy();
  await install(folder);
  for (const name of STANDINS) {
    fs.copyFileSync(path.join(__dirname, name), path.join(folder, name));
  }
  const older = (name, target) => {
    const file = path.join(folder, name);
    const { code } = transformSync(fs.readFileSync(file, 'utf8'), { target });
    const own = code.replaceAll(/"node:(\w+)"/g, '"$1"');
    fs.writeFileSync(file, own.replace('require("electron")', 'require("./younger.cjs")'));
  };
  for (const name of ['main.js', 'utility-host.js', 'utility.js']) older(name, 'node12');
  older('renderer/renderer.js', 'chrome83');
  // Not by Node's option `-r`, which finds nothing in an archive.
  const utility = path.join(folder, 'utility.js');
  fs.writeFileSync(utility, `require('./parent-port.cjs');\n${fs.readFileSync(utility, 'utf8')}`);
  return folder;
}

/** The lists that the page shows. */
const shown = () => ['ipc', 'main', 'utility'].map((id) => document.getElementById(id).textContent);
const states = () =>
  ['main', 'utility'].map((id) => document.getElementById(`${id}-state`).textContent);

/** What the page says; nothing while it is loaded. */
const page = (app, run) => app.page(run).catch(() => ['', '', '']);

/** The process in which the other listener is, by the last event that the page has of it. */
async function other(app) {
  const [, , utility] = await page(app, shown);
  return Number(utility.match(/(?<="pid":)\d+/g)?.at(-1) ?? 0);
}

/** Waits until the page is connected to both listeners. */
async function opened(app) {
  await app.ready;
  await until(() => app.run(({ state }) => Boolean(state.window)), 'a window');
  await until(async () => String(await page(app, states)) === 'open,open', 'both connections');
  await until(() => other(app), 'events of the other process');
}

/** Closes its window: it ends, and the other process with it. */
async function quits(app) {
  const pid = await other(app);
  expect(fs.existsSync(`/proc/${pid}`)).toBe(true);
  await app.run(({ state }) => void setTimeout(() => state.window.close(), 0));
  expect(await app.end()).toEqual({ code: 0, signal: null });
  expect(fs.existsSync(`/proc/${pid}`)).toBe(false);
  // Electron prints the refusal that a test provokes.
  const said = app.said.replaceAll(/^.*Error: not for app:\/\/another-app$/gm, '');
  expect(said).not.toMatch(/panicked|Error/);
}

/** The package `electron`, as an application has it: it says which program to start. */
const program = (dist) => {
  const electron = path.join(tool('bundlers'), 'electron');
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: dist };
  const args = ['-p', `require(${JSON.stringify(electron)})`];
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' }).trim();
};

module.exports = { STANDINS, copy, olderCopy, opened, other, page, program, quits, shown, states };
