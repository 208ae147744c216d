// Runs the code blocks of one section of a document, in order, in a folder where the package is installed.
//
// The rule is in CONTRIBUTING.md, "Code blocks in documents".
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const electron = require('./electron.cjs');
const { shows } = require('./browser.cjs');
const { tool } = require('../needs.cjs');
const { root } = require('./markdown.cjs');

/** Far longer than any block takes. */
const BLOCK_MS = 20_000;

/**
 * How long a fixed port of a document may be in use: systems hand it out for outgoing connections, of which the other
 * tests make thousands, and keep it for a minute after the last byte.
 */
const PORT_MS = 75_000;
const TAKEN = /port in use|EADDRINUSE|is taken/;

/** @typedef {import('./markdown.cjs').Block} Block */
/** @typedef {{modules: string, env: Record<string, string | undefined>}} Installed */

/** The programs of one section, and what they print. */
class Run {
  /** @type {{child: import('node:child_process').ChildProcess, said: string, over: boolean, ended: Promise<number | string>}[]} */
  programs = [];
  #looks = new Set();

  /** @param {string} folder @param {Record<string, string | undefined>} env */
  constructor(folder, env) {
    this.folder = folder;
    this.env = env;
  }

  /** Starts a program, in a process group of its own: what it starts ends with it. */
  start(/** @type {string} */ command, /** @type {string[]} */ ...args) {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: this.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const program = {
      child,
      said: '',
      over: false,
      ended: once(child, 'close').then(([code, signal]) => {
        program.over = true;
        this.#look();
        return code ?? signal;
      }),
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        program.said += text;
        this.#look();
      });
    }
    this.programs.push(program);
    return program;
  }

  #look() {
    for (const look of this.#looks) look();
  }

  /** Resolves when the program has printed what `fits`; an error if it ends or waits for too long before that. */
  until(program, fits, what) {
    return new Promise((resolve, reject) => {
      const done = (how, value) => {
        clearTimeout(timer);
        this.#looks.delete(look);
        how(value);
      };
      const failed = (why) => done(reject, new Error(`${why} without ${what}:\n${program.said}`));
      const look = () => {
        if (fits(program.said)) done(resolve);
        else if (program.over) failed('it ended');
      };
      const timer = setTimeout(() => failed('it went on'), BLOCK_MS);
      this.#looks.add(look);
      look();
    });
  }

  /** A program that has to end by itself, and well. */
  async toEnd(command, ...args) {
    const program = this.start(command, ...args);
    await this.until(program, () => program.over, 'an end');
    const code = await program.ended;
    if (code !== 0)
      throw new Error(
        `${path.basename(command)} ${args.at(-1)} ended with ${code}:\n${program.said}`,
      );
  }

  async stop() {
    for (const { child, ended } of this.programs) {
      for (const signal of ['SIGTERM', 'SIGKILL']) {
        try {
          process.kill(-child.pid, signal);
        } catch {
          // The whole group has ended.
        }
        await Promise.race([ended, sleep(3_000, undefined, { ref: false })]);
      }
    }
  }
}

/** Whether each line of a block of output, where `…` is anything, has been printed. */
const printed = (/** @type {string} */ wanted) => (/** @type {string} */ said) =>
  wanted
    .trimEnd()
    .split('\n')
    .every((line) => {
      const parts = line
        .split('…')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
      return new RegExp(`^${parts.join('.*')}\r?$`, 'm').test(said);
    });

const C_FLAGS = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Wpedantic', '-Werror'];

const languages = {
  async c(run, { code, notes, line }) {
    const name = notes.file ?? `block-${line}.c`;
    fs.writeFileSync(path.join(run.folder, name), code);
    const program = path.join(run.folder, `block-${line}`);
    const flags = 'cc "$@" $(pkg-config --cflags --libs loopwire)';
    await run.toEnd('bash', '-euc', flags, 'cc', ...C_FLAGS, '-o', program, name);
    await run.toEnd(program);
  },
  async js(run, { code, notes, line }) {
    const name = notes.file ?? `block-${line}${/^import /m.test(code) ? '.mjs' : '.js'}`;
    fs.writeFileSync(path.join(run.folder, name), code);
    if ('electron shows' in notes || 'electron preload' in notes) {
      await electron.check(run, name, notes);
    } else if (notes.prints === undefined) {
      await run.toEnd(process.execPath, name);
    } else {
      const program = run.start(process.execPath, name);
      await run.until(program, (said) => said.includes(notes.prints), notes.prints);
      const [, url] = /(http:\S+)/.exec(program.said) ?? [];
      if (notes['a browser shows']) await shows(url, notes['a browser shows']);
    }
  },
  async html(run, { code, notes }) {
    fs.writeFileSync(path.join(run.folder, notes.file), code);
    if ('electron page' in notes) await electron.checkPage(run, notes.file);
    else await electron.checkConnecting(run, notes.file);
  },
  async json(run, { code, notes }) {
    JSON.parse(code);
    if (notes.file) fs.writeFileSync(path.join(run.folder, notes.file), code);
  },
  async sh(run, { code, line }) {
    const name = `block-${line}.sh`;
    fs.writeFileSync(path.join(run.folder, name), code);
    await run.toEnd('bash', '-euo', 'pipefail', name);
  },
  async ts(run, { code, line }) {
    const name = `block-${line}.ts`;
    fs.writeFileSync(path.join(run.folder, name), code);
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = ['--types', 'node', '--typeRoots', path.join(root, 'node_modules', '@types')];
    await run.toEnd(
      process.execPath,
      tsc,
      '--noEmit',
      '--strict',
      '--module',
      'node20',
      ...types,
      name,
    );
  },
  // Output, which is checked if the note says whose, or a picture.
  async text(run, { code, notes }) {
    if (!('output' in notes)) return;
    await run.until(run.programs.at(-1), printed(code), `these lines:\n${code}`);
  },
};

/** An empty folder with the installed package, and what the examples of clients need besides. */
function makeFolder(/** @type {Installed} */ { modules }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-block-'));
  const own = path.join(folder, 'node_modules');
  fs.mkdirSync(own);
  for (const name of ['loopwire', '@loopwire', '.bin'])
    fs.symlinkSync(path.join(modules, name), path.join(own, name));
  fs.symlinkSync(path.join(root, 'node_modules', 'ws'), path.join(own, 'ws'));
  const xterm = tool('xterm');
  if (xterm) fs.symlinkSync(path.dirname(xterm), path.join(own, '@xterm'));
  return folder;
}

async function attempt(blocks, installed) {
  const folder = makeFolder(installed);
  const run = new Run(folder, installed.env);
  try {
    for (const block of blocks) await languages[block.language](run, block);
    return undefined;
  } catch (error) {
    return { error, taken: run.programs.some(({ said }) => TAKEN.test(said)) };
  } finally {
    await run.stop();
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Runs the blocks of a section; again while a port of theirs is in use by others. */
async function runSection(/** @type {Block[]} */ blocks, /** @type {Installed} */ installed) {
  for (const end = Date.now() + PORT_MS; ;) {
    const failure = await attempt(blocks, installed);
    if (!failure) return;
    if (!failure.taken || Date.now() > end) throw failure.error;
    await sleep(500);
  }
}

module.exports = { LANGUAGES: Object.keys(languages), PORT_MS, runSection };
