// Child processes of tests: their lines can be awaited, and they end with their test.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const { Inbox } = require('../inbox.cjs');
const { seen } = require('./seen.cjs');

const root = path.resolve(__dirname, '..', '..', '..');
const running = new Set();

/** What children printed of panics and faults. @type {string[]} */
const found = [];
globalThis.loopwireWatch?.push(() => found.splice(0));

/**
 * A program whose lines are an inbox. `ended` resolves to its exit code, its signal and its standard error.
 *
 * With `parse` the inbox holds what that makes of each line; `patience` is that of the inbox.
 */
class Child extends Inbox {
  constructor(command, args, { parse = (line) => line, patience, ...options } = {}) {
    super(patience);
    this.process = spawn(command, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'], ...options });
    running.add(this.process);
    let errors = '';
    this.process.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    readline.createInterface({ input: this.process.stdout }).on('line', (line) => {
      try {
        this.push(parse(line));
      } catch (error) {
        // A program that is killed may leave half a line.
        this.end(`${error.message}: ${line}`);
      }
    });
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        running.delete(this.process);
        found.push(...seen(errors));
        this.end(`the child has ended: ${code ?? signal}\n${errors}`);
        resolve({ code, signal, errors });
      });
    });
  }

  /** Writes a line to its standard input. */
  tell(line) {
    this.process.stdin.write(`${line}\n`);
  }
}

/** Runs a program. */
const run = (command, args, options) => new Child(command, args, options);

/** Runs JavaScript in a Node of its own; `loopwire` is the package there. */
function runNode(code, { args = [], command = process.execPath, env = {} } = {}) {
  // Jest's own environment must not reach the child: the harness build, say.
  const { NAPI_RS_NATIVE_LIBRARY_PATH: _, ...rest } = process.env;
  const all = [...args, '-e', `const loopwire = require('.');\n${code}`];
  return run(command, all, { env: { ...rest, ...env } });
}

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

module.exports = { root, run, runNode };
