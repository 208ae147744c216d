// A real Electron with a display of its own, and an application in it that a test drives.
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { transformSync } = require('esbuild');
const lib = require('../../../scripts/lib.cjs');
const { tool } = require('../needs.cjs');
const { forMain, forPage } = require('./downlevel.cjs');

/** An application that is told to quit and has not ended by then hangs. */
const QUIT_MS = 10_000;

/** A virtual display, which takes a free number by itself. */
class Display {
  static async start() {
    const display = new Display();
    const args = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
    display.server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    display.ended = once(display.server, 'close');
    const [number] = await once(display.server.stdio[3], 'data');
    display.name = `:${String(number).trim()}`;
    return display;
  }

  async end() {
    this.server.kill();
    await this.ended;
  }
}

/** A folder with the application, in which Loopwire lies as npm would have put it. */
async function folder() {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-electron-'));
  const at = (...names) => path.join(made, ...names);
  fs.cpSync(path.join(__dirname, 'app'), made, { recursive: true });
  fs.writeFileSync(at('package.json'), '{"name":"electron-test","main":"main.js"}');
  await install(made);
  await forPage(at('client.js'));
  return made;
}

/** @param {string} name @param {string} file @param {Record<string, string>} [optionalDependencies] */
const main = (name, file, optionalDependencies) =>
  JSON.stringify({ name, version: '0.1.0', main: file, optionalDependencies });

/** Puts Loopwire into the `node_modules` of a folder. @param {string} folder */
async function install(folder) {
  const abi = lib.platformAbi();
  const modules = path.join(folder, 'node_modules');
  const own = path.join(modules, 'loopwire');
  const binding = path.join(modules, '@loopwire', `binding-${abi}`);
  const addon = `loopwire.${abi}.node`;
  fs.mkdirSync(binding, { recursive: true });
  fs.copyFileSync(
    path.join(lib.root, addon),
    path.join(binding, addon),
    fs.constants.COPYFILE_FICLONE,
  );
  fs.writeFileSync(path.join(binding, 'package.json'), main(`@loopwire/binding-${abi}`, addon));
  await forMain(path.join(own, 'index.js'));
  await forPage(path.join(own, 'client', 'index.js'), 'esm');
  const needed = { [`@loopwire/binding-${abi}`]: '0.1.0' };
  fs.writeFileSync(path.join(own, 'package.json'), main('loopwire', 'index.js', needed));
}

/** The text of a function, which the application's Node can read. */
const older = (/** @type {Function} */ run) =>
  transformSync(`(${run})`, { target: 'node12' }).code.trim().replace(/;$/, '');

/** A running application. */
class Application {
  #waiting = new Map();
  #next = 0;
  said = '';

  /** @param {{display: Display, place: string, command?: string[]}} options `place`: a folder or an archive */
  constructor({ display, place, command }) {
    this.data = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-electron-data-'));
    const [program, ...before] = command ?? [path.join(tool('electron'), 'electron')];
    // Chromium's own sandbox refuses root, as whom CI runs.
    const args = [
      ...before,
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${this.data}`,
      place,
    ];
    this.env = {
      ...process.env,
      NODE_OPTIONS: '',
      DISPLAY: display?.name ?? process.env.DISPLAY,
    };
    this.child = spawn(program, args, {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.said += text));
    }
    // Not `close`: a process of Chromium's that is still starting may hold the pipes for seconds after the end.
    this.ended = once(this.child, 'exit').then(async ([code, signal]) => {
      for (const { reject } of this.#waiting.values()) reject(this.#over(code ?? signal));
      // Where it was killed, its own processes may still write for a moment.
      await fs.promises.rm(this.data, { recursive: true, force: true, maxRetries: 10 });
      return { code, signal };
    });
    this.ready = new Promise((resolve, reject) => {
      this.#waiting.set('ready', { resolve, reject });
    });
    this.child.on('message', ({ id, value, error, ready }) => {
      const key = ready ? 'ready' : id;
      const waiting = this.#waiting.get(key);
      this.#waiting.delete(key);
      if (error === undefined) waiting?.resolve(ready ?? value);
      else waiting?.reject(new Error(error));
    });
  }

  #over = (how) => new Error(`Electron ended with ${how}:\n${this.said}`);

  /** Runs a function in the main process; it gets what app/main.js gives. */
  run(/** @type {Function} */ run, ...args) {
    return new Promise((resolve, reject) => {
      const id = (this.#next += 1);
      this.#waiting.set(id, { resolve, reject });
      this.child.send({ id, code: older(run), args });
    });
  }

  /** Runs a function in the page of the window that `open` has made. */
  page(/** @type {Function} */ run, ...args) {
    const list = args.map((one) => JSON.stringify(one)).join(', ');
    const code = `(${older(run)})(${list})`;
    return this.run(({ state }, code) => state.window.webContents.executeJavaScript(code), code);
  }

  /** Opens a window without Node, with contextIsolation. @param {string} url `FOLDER` in it is the application's @param {object} [preferences] */
  open(url, preferences = {}) {
    return this.run(
      async ({ electron, state }, url, preferences) => {
        const folder = electron.app.getAppPath();
        state.window = new electron.BrowserWindow({
          show: false,
          webPreferences: {
            contextIsolation: true,
            nodeIntegration: false,
            sandbox: true,
            preload: `${folder}/preload.js`,
            ...preferences,
          },
        });
        await state.window.loadURL(url.replace('FOLDER', folder));
      },
      url,
      preferences,
    );
  }

  /** Loads the page of the window again. */
  reload() {
    return this.run(async ({ state: { window } }) => {
      const loaded = new Promise((resolve) => window.webContents.once('did-finish-load', resolve));
      window.webContents.reload();
      await loaded;
    });
  }

  /** Quits as a user does. How it ended. */
  quit() {
    // It may be gone before it answers.
    this.run(({ electron }) => void setTimeout(() => electron.app.quit(), 0)).catch(() => {});
    return this.end();
  }

  /** How it ended; an application that does not is killed. */
  async end() {
    let hangs;
    const timer = setTimeout(() => {
      hangs = true;
      this.child.kill('SIGKILL');
    }, QUIT_MS);
    const how = await this.ended;
    clearTimeout(timer);
    return hangs ? { hangs } : how;
  }

  /** Ends it if a test has failed before it quit. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

module.exports = { Application, Display, folder, install };
