// Prints the memory figures of the channel, measured on this machine: `npm run figures`.
//
//   node scripts/figures.cjs [name…]     idle stalled blocked workers bad slow
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('./lib.cjs');

const children = path.join(lib.root, '__test__', 'support', 'children', 'channel');
const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param {string} program @param {...string} args @returns {Promise<any>} */
async function child(program, ...args) {
  const dir = path.join(lib.root, 'harness');
  const addon = fs.existsSync(dir) && fs.readdirSync(dir).find((file) => file.endsWith('.node'));
  if (!addon)
    throw new lib.Problem('There is no harness build: `node scripts/bootstrap.cjs --harness`.');
  const { code, output } = await lib.run(
    process.execPath,
    ['--expose-gc', '--no-warnings', path.join(children, program), ...args],
    { capture: true, env: { NAPI_RS_NATIVE_LIBRARY_PATH: path.join(dir, addon) } },
  );
  if (code !== 0)
    throw new lib.Problem(`${program} ${args.join(' ')} ended with ${code}:\n${output}`);
  // Native threads may have had something to say on standard error.
  return JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? '{}');
}

const measure = (/** @type {string[]} */ ...args) => child('memory.cjs', ...args);

/** Each gives what was measured; beside it stands the goal. */
const figures = {
  idle: {
    what: 'an idle connection (of 2,000)',
    goal: '≤ 12 KB',
    async run() {
      const { bytes } = await measure('idle');
      return `${(bytes / 1e3).toFixed(1)} KB`;
    },
  },
  stalled: {
    what: 'a client stops reading while 1 M × 256 B are published',
    goal: '≤ 12 MB, exact gap',
    async run() {
      const { bytes, count, beforeGap, afterGap, gaps, wrong } = await measure('stalled');
      const told = gaps.reduce(
        (/** @type {number} */ sum, /** @type {any} */ { from, to }) => sum + to - from + 1,
        0,
      );
      const exact = wrong === null && beforeGap + afterGap + told === count;
      return `${megabytes(bytes)}, gap ${exact ? 'exact' : `WRONG (${wrong})`}`;
    },
  },
  blocked: {
    what: 'JavaScript blocked 2 s under full load',
    goal: '≤ 12 MB, nothing lost',
    async run() {
      const { bytes, heard, wrong } = await measure('blocked');
      const lost = wrong ?? (heard === 2_000_000 ? 'nothing lost' : `${2_000_000 - heard} LOST`);
      return `${megabytes(bytes)}, ${lost}`;
    },
  },
  workers: {
    what: '300 Workers started and terminated under load',
    goal: '≤ 5 MB above bare Workers, nothing left',
    async run() {
      const bare = await child('workers.cjs', '300', 'bare');
      const ours = await child('workers.cjs', '300', 'loopwire');
      const more = (ours.megabytes - bare.megabytes).toFixed(1);
      return `${more} MB above ${bare.megabytes.toFixed(1)} MB, ${ours.threads} threads and ${ours.descriptors} descriptors left`;
    },
  },
  bad: {
    what: '10,000 bad handshakes, three times',
    goal: 'first ≤ 4 MB, later ≤ 0.5 MB',
    async run() {
      const { batches, descriptors } = await measure('bad');
      return `${batches.map(megabytes).join(', ')}; ${descriptors} descriptors left`;
    },
  },
  slow: {
    what: '1,000 slow openers; a good client meanwhile',
    goal: 'gone in 5 s; < 100 ms',
    async run() {
      const { goodMs, goodMedianMs, goneMs } = await measure('slow');
      return `gone in ${(goneMs / 1e3).toFixed(1)} s; ${goodMs.toFixed(0)} ms at worst, ${goodMedianMs.toFixed(1)} in the middle`;
    },
  },
};

/** @param {string[]} names */
async function main(names) {
  const wanted = names.length > 0 ? names : Object.keys(figures);
  for (const name of wanted) {
    const figure = figures[/** @type {keyof typeof figures} */ (name)];
    if (!figure)
      throw new lib.Problem(`No figure ${name}; there are ${Object.keys(figures).join(', ')}.`);
    console.log(`${figure.what}\n    ${await figure.run()}   (goal: ${figure.goal})`);
  }
}

lib.cli(() => main(process.argv.slice(2)));
