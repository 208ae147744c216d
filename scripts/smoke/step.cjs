// A step of the smoke test: how it is run, and what is said of it.
'use strict';

/** What a platform lacks, which is no fault of the package. */
class Absent extends Error {}

/**
 * @typedef {object} Surroundings what the steps share
 * @property {any} loopwire the package
 * @property {string} folder where it is installed
 * @property {string} place an empty folder to work in
 * @property {string} node the program that runs JavaScript
 * @property {(condition: unknown, words: string) => void} check
 * @property {Record<string, any>} kept what earlier steps have left
 *
 * @typedef {{name: string, run: (the: Surroundings) => Promise<string | void>}} Step
 * @typedef {{name: string, state: 'ok' | 'failed' | 'not here', words: string}} Outcome
 */

/** @param {unknown} condition @param {string} words */
function check(condition, words) {
  if (!condition) throw new Error(words);
}

/** What an error says, in a line. @param {unknown} error */
function told(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  const [line] = String(message ?? error).split('\n');
  return code && !line.includes(code) ? `${line} (${code})` : line;
}

/** Rejects after a time. @param {number} ms @returns {Promise<never>} */
const late = (ms) =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no end after ${ms / 1000} s`)), ms).unref();
  });

/**
 * Runs one step to its end. A step that its surroundings are known to lack is tried all the same: what they can do after
 * all is `ok`. `complete`: they lack nothing else.
 *
 * @param {Step} step
 * @param {Surroundings} the
 * @param {{ms: number, lacks: Map<string, string>, complete: boolean}} options
 * @returns {Promise<Outcome>}
 */
async function run(step, the, { ms, lacks, complete }) {
  const { name } = step;
  const begun = Date.now();
  try {
    const words = await Promise.race([step.run(the), late(ms)]);
    const seconds = `${((Date.now() - begun) / 1000).toFixed(1)} s`;
    return { name, state: 'ok', words: words ? `${words}, ${seconds}` : seconds };
  } catch (error) {
    const known = lacks.get(name);
    if (known) return { name, state: 'not here', words: `${known}: ${told(error)}` };
    if (error instanceof Absent && !complete)
      return { name, state: 'not here', words: error.message };
    return { name, state: 'failed', words: told(error) };
  }
}

/** Waits until something is so. @param {() => unknown} condition */
async function until(condition) {
  // The time limit of the step ends it.
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

module.exports = { Absent, check, run, until };
