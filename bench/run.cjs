// `npm run bench`, `bench:forward`, `bench:terminal`, `bench:snapshot`, `bench:watch`, `bench:c`: Loopwire beside its peers,
// interleaved in rounds; with `--budget` its stages alone. See README.md.
'use strict';
const fs = require('node:fs');
const { parseArgs } = require('node:util');
const { budget } = require('./lib/budget/budget.cjs');
const { which } = require('./lib/forward/children.cjs');
const loopwire = require('./lib/loopwire.cjs');
const { machine } = require('./lib/machine.cjs');
const { measureSubject } = require('./lib/measure.cjs');
const paths = require('./lib/paths.cjs');
const { draw } = require('./lib/plot/draw.cjs');
const { report } = require('./lib/report.cjs');

const SUITES = {
  channel: [
    'callback',
    'drain',
    'live',
    'both',
    'busy-callback',
    'busy-live',
    'busy-both',
    'lone-client',
    'lone-callback',
    'lone-both',
    'publish',
    'emit',
    'start',
  ],
  forward: [
    'bulk-1',
    'bulk-8',
    'bulk-64',
    'bulk-up',
    'connections',
    'latency',
    'idle',
    'ports',
    'blocked',
  ],
  terminal: ['terminal-output', 'terminal-interrupt', 'terminal-commands'],
  snapshot: ['snapshot-10000', 'snapshot-250000'],
  watch: ['watch-latency', 'watch-start', 'watch-idle', 'watch-burst'],
  c: ['c-callback', 'c-delivery', 'c-lone', 'c-emit', 'c-calls'],
  plots: ['size-callback', 'size-client', 'rate', 'connection-count', 'port-count'],
};
/** Suites that need Loopwire as it is shipped, and not the harness. */
const SHIPPED = new Set(['forward', 'terminal', 'snapshot', 'watch']);
/** Rows that take long: they run only if they are named. */
const ON_REQUEST = new Set(['snapshot-250000']);
function options() {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string' },
      only: { type: 'string', multiple: true },
      subject: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '7' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      plots: { type: 'string' },
      files: { type: 'string' },
      list: { type: 'boolean', default: false },
      budget: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number');
  // For the rows, and for the processes in which they run.
  if (values.files) process.env.LOOPWIRE_BENCH_FILES = values.files;
  const only = values.only?.flatMap((names) => names.split(','));
  return { ...values, rounds: values.quick ? Math.min(rounds, 3) : rounds, only };
}

/** The rows to run, suite by suite: `{suite, name}`. */
function chosenRows({ suite = 'channel', only, list }) {
  const suites = suite === 'all' ? Object.keys(SUITES) : suite.split(',');
  const unknown = suites.find((name) => !SUITES[name]);
  if (unknown) throw new Error(`no suite ${unknown}; there are ${Object.keys(SUITES).join(', ')}`);
  const rows = suites.flatMap((suite) => SUITES[suite].map((name) => ({ suite, name })));
  const missing = only?.find((name) => !rows.some((row) => row.name === name));
  if (missing)
    throw new Error(`no row ${missing}; there are ${rows.map((row) => row.name).join(', ')}`);
  return rows.filter(({ name }) => (only ? only.includes(name) : list || !ON_REQUEST.has(name)));
}

/** A row by its names. */
function load({ suite, name }) {
  return require(`./rows/${suite}/${name}.cjs`);
}

function present(subject) {
  if (subject.needs && which(subject.needs) === undefined) return false;
  if (subject.loopwire) return loopwire.built(subject.loopwire);
  if (subject.program) return fs.existsSync(paths.capi);
  return !subject.bun || paths.bun() !== undefined;
}

/** All subjects once per round, each round beginning with another one. */
async function run(suite, row, { rounds, quick, subject }) {
  const names = Object.keys(row.subjects).filter(
    (name) => present(row.subjects[name]) && (!subject || subject.includes(name)),
  );
  const results = [];
  for (let round = 0; round < rounds; round++) {
    const figures = {};
    for (let step = 0; step < names.length; step++) {
      const name = names[(step + round) % names.length];
      if (process.stderr.isTTY)
        process.stderr.write(`\r\x1b[K${row.name} ${round + 1}/${rounds} ${name}`);
      figures[name] = await measureSubject(suite, row, name, quick);
    }
    results.push(figures);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return results;
}

/** Says what is missing of Loopwire's builds. */
function sayMissing(suites) {
  const wanted = new Set(suites.map((suite) => (SHIPPED.has(suite) ? 'shipped' : 'harness')));
  for (const build of [...wanted].filter((one) => !loopwire.built(one)))
    console.log(`\nLoopwire's build is missing (bench/loopwire/${build}): the peers only.`);
}

async function main() {
  const chosen = options();
  if (chosen.budget) return budget(chosen);
  if (chosen.plots) chosen.suite ??= 'plots';
  const wanted = chosenRows(chosen);
  const suites = [...new Set(wanted.map(({ suite }) => suite))];
  if (chosen.list) {
    for (const row of wanted.map(load)) {
      console.log(`${row.name}: ${row.title}\n  ${Object.keys(row.subjects).join(', ')}`);
    }
    return;
  }
  if (!chosen['no-build']) for (const suite of suites) require('./build.cjs').build(suite);
  const before = machine(suites);
  const entries = Object.entries(before).map(([key, value]) => `${key}: ${value}`);
  console.log(entries.join('\n'));
  sayMissing(suites);
  const rows = {};
  for (const each of wanted) {
    const row = load(each);
    const { figures, lines } = report(row, await run(each.suite, row, chosen));
    console.log(lines.join('\n'));
    rows[row.name] = { suite: each.suite, ...figures };
  }
  const { load: loadAfter } = machine([]);
  console.log(`\nload at the end: ${loadAfter}`);
  const result = { machine: { ...before, loadAfter }, rounds: chosen.rounds, rows };
  if (chosen.json) fs.writeFileSync(chosen.json, `${JSON.stringify(result, null, 2)}\n`);
  if (chosen.plots) draw(result, chosen.plots);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
