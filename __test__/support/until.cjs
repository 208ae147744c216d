// Waits for what no event announces: the state of the system, of other processes, or of counters.
'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** Below the thirty seconds of a test, so that the error says what did not happen. */
const LONG_MS = 25_000;
/** How long a number may take to fall. */
const SETTLE_MS = 5_000;

/**
 * Resolves when `condition()` holds.
 *
 * @param {() => unknown} condition may return a Promise
 * @param {string} [what] its name in the error
 */
async function until(condition, what) {
  for (const end = Date.now() + LONG_MS; !(await condition()); await sleep(10)) {
    if (Date.now() > end) throw new Error(`${what ?? condition} never held`);
  }
}

/** Waits for a number that falls by itself, such as of threads; returns it, at most `most` if all goes well. */
async function settled(look, most) {
  const end = Date.now() + SETTLE_MS;
  while (look() > most && Date.now() < end) await sleep(20);
  return look();
}

module.exports = { LONG_MS, settled, until };
