// `npm run bench -- --budget`: counts the instructions of each stage and compares them with bench/budget.json.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { which } = require('../forward/children.cjs');
const { version } = require('../machine.cjs');
const paths = require('../paths.cjs');
const { measure } = require('./count.cjs');
const { isOver, judge, lines } = require('./judge.cjs');

const BUDGETS = path.join(paths.bench, 'budget.json');

/** Builds the stages with the versions that Loopwire is shipped with. */
function build() {
  const folder = path.join(paths.bench, 'native', 'stages');
  fs.copyFileSync(path.join(paths.root, 'Cargo.lock'), path.join(folder, 'Cargo.lock'));
  execFileSync('cargo', ['build', '--release', '--quiet'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const metadata = execFileSync('cargo', ['metadata', '--format-version', '1', '--no-deps'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return path.join(JSON.parse(metadata).target_directory, 'release', 'stages');
}

/** What was counted becomes the budget of each stage. */
function renew(file, counted) {
  for (const [name, instructions] of Object.entries(counted)) {
    file.stages[name].budget = Number(instructions.toPrecision(4));
  }
  file.counted = {
    date: new Date().toISOString().slice(0, 10),
    rustc: version('rustc'),
    valgrind: version('valgrind'),
    target: /^host: (.*)$/m.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1],
  };
  fs.writeFileSync(BUDGETS, `${JSON.stringify(file, null, 2)}\n`);
}

/** Counts, prints, and says by the exit code whether all stages are within their budgets. */
async function budget({ only, json, write }) {
  if (!which('valgrind')) throw new Error('--budget needs valgrind: apt install valgrind');
  const file = JSON.parse(fs.readFileSync(BUDGETS, 'utf8'));
  const names = only?.flatMap((list) => list.split(',')) ?? Object.keys(file.stages);
  const unknown = names.find((name) => !file.stages[name]);
  if (unknown)
    throw new Error(`no stage ${unknown}; there are ${Object.keys(file.stages).join(', ')}`);
  const program = build();
  const counted = {};
  for (const name of names) {
    const { count, runs } = file.stages[name];
    counted[name] = await measure(program, name, count, runs);
  }
  const judged = judge(file.stages, counted);
  console.log(lines(judged).join('\n'));
  if (json) fs.writeFileSync(json, `${JSON.stringify(judged, null, 2)}\n`);
  if (write) renew(file, counted);
  else if (isOver(judged)) process.exitCode = 1;
}

module.exports = { budget };
