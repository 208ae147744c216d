// `npm run bench`, `bench:forward`, `bench:terminal`, `bench:snapshot`, `bench:watch`, `bench:c`: Loopwire beside its peers,
// interleaved in rounds; see README.md.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { which } = require('./lib/forward/children.cjs');
const loopwire = require('./lib/loopwire.cjs');
const { machine } = require('./lib/machine.cjs');
const paths = require('./lib/paths.cjs');
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
};
/** Suites that need Loopwire as it is shipped, and not the harness. */
const SHIPPED = new Set(['forward', 'terminal', 'snapshot', 'watch']);
/** Rows that take long: they run only if they are named. */
const ON_REQUEST = new Set(['snapshot-250000']);
/** A subject that takes longer has hung, unless its row says otherwise (`deadlineMs`). */
const DEADLINE_MS = 90_000;

function options() {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string', default: 'channel' },
      only: { type: 'string', multiple: true },
      subject: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '7' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      files: { type: 'string' },
      list: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number');
  // For the rows, and for the processes in which they run.
  if (values.files) process.env.LOOPWIRE_BENCH_FILES = values.files;
  const rows = SUITES[values.suite];
  if (!rows)
    throw new Error(`no suite ${values.suite}; there are ${Object.keys(SUITES).join(', ')}`);
  const only =
    values.only?.flatMap((names) => names.split(',')) ??
    rows.filter((name) => !ON_REQUEST.has(name));
  const unknown = only.find((name) => !rows.includes(name));
  if (unknown) throw new Error(`no row ${unknown}; there are ${rows.join(', ')}`);
  return { ...values, rounds: values.quick ? Math.min(rounds, 3) : rounds, rows, only };
}

/** The line of a stack trace that says what happened. */
function reason(errors) {
  const lines = errors.split('\n');
  return lines.find((line) => /\w*Error\b.*:/.test(line)) ?? lines.find((line) => line.trim());
}

/** One subject in a fresh process; its figures, or what went wrong. */
function measure(suite, row, name, quick) {
  const program = row.subjects[name].bun ? paths.bun() : process.execPath;
  const args = [path.join(__dirname, 'lib', 'subject.cjs'), `${suite}/${row.name}`, name];
  if (quick) args.push('--quick');
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (errors += data));
    const timer = setTimeout(() => child.kill('SIGKILL'), row.deadlineMs ?? DEADLINE_MS);
    child.on('error', (error) => resolve({ error: error.message }));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(JSON.parse(out.trimEnd().split('\n').at(-1)));
      else resolve({ error: reason(errors) ?? `ended by ${signal ?? code}` });
    });
  });
}

function present(subject) {
  if (subject.needs && which(subject.needs) === undefined) return false;
  if (subject.loopwire) return loopwire.built(subject.loopwire);
  if (subject.program) return fs.existsSync(paths.capi);
  return !subject.bun || paths.bun() !== undefined;
}

/** All subjects once per round, each round beginning with another one. */
async function run(row, { suite, rounds, quick, subject }) {
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
      figures[name] = await measure(suite, row, name, quick);
    }
    results.push(figures);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return results;
}

async function main() {
  const chosen = options();
  if (chosen.list) {
    for (const name of chosen.rows) {
      const row = require(`./rows/${chosen.suite}/${name}.cjs`);
      console.log(`${name}: ${row.title}\n  ${Object.keys(row.subjects).join(', ')}`);
    }
    return;
  }
  if (!chosen['no-build']) require('./build.cjs').build(chosen.suite);
  const before = machine(chosen.suite);
  console.log(
    Object.entries(before)
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n'),
  );
  if (!loopwire.built(SHIPPED.has(chosen.suite) ? 'shipped' : 'harness'))
    console.log("\nLoopwire's build is missing (bench/loopwire): the peers only.");
  const rows = {};
  for (const name of chosen.only) {
    const row = require(`./rows/${chosen.suite}/${name}.cjs`);
    const rounds = await run(row, chosen);
    const { lines, medians, goals } = report(row, rounds);
    console.log(lines.join('\n'));
    rows[name] = { title: row.title, medians, goals, rounds };
  }
  console.log(`\nload at the end: ${machine(chosen.suite).load}`);
  if (chosen.json)
    fs.writeFileSync(chosen.json, `${JSON.stringify({ machine: before, rows }, null, 2)}\n`);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
