// How many instructions one stage takes: counted by Valgrind, so that the load of the machine does not matter.
'use strict';
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

/** The sum of all instructions in a profile of callgrind. */
function total(profile) {
  const found = /^(?:summary|totals): (\d+)$/m.exec(profile);
  if (!found) throw new Error('Error: the profile has no sum');
  return Number(found[1]);
}

/** A stage done so many times: the instructions of its process, and how many times it was. */
async function run(program, stage, count) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-budget-'));
  const profile = path.join(folder, 'profile');
  try {
    const valgrind = ['-q', '--tool=callgrind', `--callgrind-out-file=${profile}`];
    const { stdout } = await promisify(execFile)('valgrind', [
      ...valgrind,
      program,
      stage,
      String(count),
    ]);
    return { instructions: total(fs.readFileSync(profile, 'utf8')), done: Number(stdout) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Of one more, given a shorter and a longer run: what both have to do once is in neither. */
function each(short, long) {
  return (long.instructions - short.instructions) / (long.done - short.done);
}

/** The least of some runs: what differs is how often a socket was not ready yet. */
async function least(program, stage, count, runs) {
  const done = [];
  for (let n = 0; n < runs; n++) done.push(await run(program, stage, count));
  return done.reduce((one, other) => (other.instructions < one.instructions ? other : one));
}

/** The instructions of one, from a run of `count` and one of twice as many, or from the least of several of each. */
async function measure(program, stage, count, runs = 1) {
  const short = await least(program, stage, count, runs);
  return each(short, await least(program, stage, 2 * count, runs));
}

module.exports = { each, measure, total };
