// Builds the addon for all eight platforms on this one machine, and runs it wherever it can be run here.
//
//   npm run cross                             builds all of them with the profile `dist`, into npm/*
//   npm run cross -- --run                    and then runs the smoke test in a system of each kind
//   npm run cross -- linux-arm64-gnu …        these alone, as their folders in npm/ are called
//     --profile dev                           quicker to build
//     --std rustup|debian                     where Rust's standard library for the target comes from; otherwise from
//                                             rustup, and from Debian's compiler where rustup has none
//     --built                                 builds nothing, and takes the files that are there
//     --check                                 only checks whether all crates compile
//
// What is fetched and made is under target/cross, and may be deleted. Needs Linux on x64, Rust, a C compiler (`cc`), Python with
// pip, for what comes from Debian apt-get and dpkg-deb, and for `--run` user namespaces, or the superuser's rights. Nothing is
// installed. The last lines say what has come out, for each platform.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const { parseArgs } = require('node:util');
const { addon, build, check } = require('./cross/build.cjs');
const { needs } = require('./cross/binary/needs.cjs');
const machine = require('./cross/machine.cjs');
const { at, said } = require('./cross/place.cjs');
const { trial } = require('./cross/run.cjs');
const { TARGETS } = require('./cross/targets.cjs');
const lib = require('./lib.cjs');

/** @typedef {import('./cross/targets.cjs').Target} Target */

/** @param {string[]} names */
function chosen(names) {
  const unknown = names.find((name) => !TARGETS.some(({ folder }) => folder === name));
  if (unknown) {
    const known = TARGETS.map(({ folder }) => folder).join(', ');
    throw new lib.Problem(`There is no platform ${unknown}; there are ${known}.`);
  }
  return names.length > 0 ? TARGETS.filter(({ folder }) => names.includes(folder)) : TARGETS;
}

/** @param {Target} target @param {Parameters<typeof build>[1]} options */
async function built(target, options) {
  console.log(`\n== ${target.folder}: building for ${target.triple}`);
  try {
    const { bytes, system, profile, std, seconds } = await build(target, options);
    const size = `${(bytes / 1024 / 1024).toFixed(1)} MB`;
    return `built (${profile}, std of ${std}, ${seconds} s), ${size}, ${system}`;
  } catch (error) {
    // What was built before is of other sources.
    fs.rmSync(addon(target), { force: true });
    return `not built: ${said(error)}`;
  }
}

/** @param {Target} target */
function there(target) {
  if (!fs.existsSync(addon(target))) return 'not built: there is no file';
  const bytes = fs.readFileSync(addon(target));
  return `there, ${(bytes.length / 1024 / 1024).toFixed(1)} MB, ${needs(bytes).system}`;
}

/**
 * Builds all of them, and says of each what has come out. Linking takes half of the time, and one core: so two are built side by
 * side.
 *
 * @param {Target[]} targets
 * @param {Parameters<typeof build>[1]} options
 */
async function all(targets, options) {
  const [waiting, words] = [[...targets], new Map()];
  const work = async (/** @type {number} */ lane) => {
    for (let target = waiting.shift(); target; target = waiting.shift()) {
      words.set(target, await built(target, { ...options, lane }));
      console.log(`${target.folder}: ${words.get(target)}`);
    }
  };
  const lanes = Math.min(2, os.availableParallelism());
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane + 1)));
  return words;
}

/** @param {string[]} argv */
async function main(argv) {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      built: { type: 'boolean' },
      check: { type: 'boolean' },
      profile: { type: 'string', default: 'dist' },
      run: { type: 'boolean' },
      std: { type: 'string' },
    },
  });
  const { profile, std } = values;
  if (std !== undefined && std !== 'rustup' && std !== 'debian') {
    throw new lib.Problem('--std is rustup or debian.');
  }
  const targets = chosen(positionals);
  machine.check(values);
  if (values.check) {
    for (const target of targets) await check(target);
    return 0;
  }
  /** @type {string[]} */
  const lines = [];
  let failed = 0;
  const outcomes = values.built
    ? new Map(targets.map((target) => [target, there(target)]))
    : await all(targets, { profile, std });
  for (const target of targets) {
    const words = outcomes.get(target);
    if (words.startsWith('not')) failed += 1;
    lines.push(`${target.folder.padEnd(16)}  ${words}`);
  }
  if (values.run) {
    for (const target of targets.filter((each) => fs.existsSync(addon(each)))) {
      const { name, ok, words } = await trial(target);
      if (!ok) failed += 1;
      lines.push(`${target.folder.padEnd(16)}  run in ${name}: ${words}`);
    }
  }
  fs.mkdirSync(at(), { recursive: true });
  fs.writeFileSync(at('report.txt'), `${lines.join('\n')}\n`);
  console.log(`\n${lines.join('\n')}`);
  return failed > 0 ? 1 : 0;
}

lib.cli(() => main(process.argv.slice(2)));
