// A program in the foreground that listens on a port of its own and ends with the test.
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, isFree, until } = require('../forwarding.cjs');

/** How long a program may take to put its own children away before it is killed. */
const PATIENCE_MS = 5_000;

/**
 * Runs a daemon until the test is over.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {number} port where it will listen
 * @param {NodeJS.Signals} [signal] what ends it; one that has children needs to hear of it
 */
async function run(program, args, port, signal = 'SIGKILL') {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2_000)));
  }
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await ended;
    clearTimeout(late);
  };
  after(stop);
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
    return !(await isFree(port));
  }, `${program} on ${port}`);
  return { port, stop };
}

/** A folder for a daemon's files, readable for the user it changes to, removed after the test. */
function folder(name) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), `loopwire-${name}-`));
  fs.chmodSync(made, 0o755);
  after(() => fs.rmSync(made, { recursive: true, force: true }));
  return {
    /** Writes a file of these lines; gives its path. */
    write(file, lines, mode = 0o644) {
      const at = path.join(made, file);
      fs.writeFileSync(at, `${lines.join('\n')}\n`, { mode });
      return at;
    },
    path: (file) => path.join(made, file),
  };
}

module.exports = { folder, run };
