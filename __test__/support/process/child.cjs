// Test programs in processes of their own: their memory, descriptors and ends are nobody else's.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const { addonPath } = require('../harness.cjs');

/**
 * Starts `children/<name>.cjs`. What it prints as lines of JSON are its messages.
 *
 * @param {string} name
 * @param {{args?: string[], node?: string, flags?: string[], under?: string[], variables?: object}} [options] `under` is a
 *   command that the program runs under, such as `prlimit --nofile=256`
 */
function start(
  name,
  { args = [], node = process.execPath, flags = [], under = [], variables = {} } = {},
) {
  const file = path.join(__dirname, '..', 'children', `${name}.cjs`);
  const [command, ...rest] = [...under, node, ...flags, file, ...args];
  const child = spawn(command, rest, {
    env: { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: addonPath, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const messages = [];
  const waiting = [];
  let partial = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop();
    for (const line of lines) {
      const message = JSON.parse(line);
      if (waiting.length > 0) waiting.shift().resolve(message);
      else messages.push(message);
    }
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, errors });
      for (const { reject } of waiting) {
        reject(new Error(`${name} ended with ${code ?? signal}: ${errors}`));
      }
    });
  });
  return {
    child,
    /** Resolves with its code, its signal and what it wrote to standard error. */
    ended,
    /** The next message. */
    next() {
      if (messages.length > 0) return Promise.resolve(messages.shift());
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    /** The messages that came and were not awaited. */
    rest: () => messages.splice(0),
    /** A line on its standard input. */
    tell: (line) => child.stdin.write(`${line}\n`),
  };
}

/** Runs one to its end. Returns its only message; anything but code 0 is an error. */
async function run(name, options) {
  const program = start(name, options);
  const message = program.next();
  message.catch(() => {});
  const { code, signal, errors } = await program.ended;
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}: ${errors}`);
  return message;
}

module.exports = { run, start };
