// What commands with a remote terminal have in common: their end, with standard input open and perhaps in raw mode.
'use strict';

const { EXIT, report } = require('../problem.js');
const keyboard = require('./keyboard.js');

/**
 * Runs to the exit code, and ends this process with it: standard input may be open for ever, and nothing waits for it.
 *
 * @param {Record<'stdout' | 'stderr', {end(): Promise<void>}>} outputs
 * @param {() => Promise<number>} run
 */
async function session({ stdout, stderr }, run) {
  let code;
  let failure;
  try {
    code = await run();
  } catch (error) {
    failure = error;
  }
  keyboard.restore();
  try {
    // Standard error last, and only if nothing is to be said on it: its end is its close.
    await stdout.end();
    if (failure === undefined) await stderr.end();
  } catch (error) {
    failure ??= error;
  }
  process.exit(failure === undefined ? code : report(failure, EXIT.NOT_RUN));
}

/** Reads standard input piece by piece to its end. */
async function readInput(each) {
  try {
    for await (const bytes of process.stdin) await each(bytes);
  } catch (error) {
    // A terminal that is gone has no more keys.
    if (error.code !== 'EIO') throw error;
  }
}

module.exports = { readInput, session };
