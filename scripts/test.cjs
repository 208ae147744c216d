// Runs every suite, Rust's and Jest's, and counts them as one.
//
//   node scripts/test.cjs            all suites
//   node scripts/test.cjs --rust     cargo's alone
//   node scripts/test.cjs --js       Jest's alone
//   node scripts/test.cjs PATTERN…   all; what is not an option of ours goes to Jest
//
// A test that lacks a tool is skipped and says why: in Jest through __test__/support/needs.cjs, in
// Rust by printing `SKIPPED: <test>: <reason>` and returning. With LOOPWIRE_ALL=1 a skip is a failure,
// unless __test__/allowed-skips.json lists the test with a reason.
//
// What fails gets a second try (scripts/suite/again.cjs), and is told again at the end (scripts/suite/why.cjs).
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const again = require('./suite/again.cjs');
const lib = require('./lib.cjs');
const { told, whyCargo, whyJest } = require('./suite/why.cjs');

/** @typedef {{passed: number, failed: number, skips: {name: string, reason: string}[], notes: string[]}} Counts */

/** @returns {Counts} */
const none = () => ({ passed: 0, failed: 0, skips: [], notes: [] });

/** Why the models are left out of a quick run. */
const SLOW_MODELS = 'slow: builds every dependency once more; LOOPWIRE_ALL=1 runs it';

/**
 * cargo's suites.
 *
 * @param {boolean} all
 * @returns {{args: string[], env: Record<string, string>}[]}
 */
function cargoSuites(all) {
  // The same target and features as the addon's build, whose crates they reuse.
  const tests = ['test', '--workspace', '--no-fail-fast', '--target', lib.hostTriple()];
  const suites = [{ args: tests, env: {} }];
  if (all) {
    // Loom puts its own atomics in place of std's, so nothing built otherwise can be reused.
    const args = ['test', '-p', 'loopwire-channel', '--lib', '--release', 'loom_model'];
    const env = { RUSTFLAGS: '--cfg loopwire_loom', CARGO_TARGET_DIR: 'target/loom' };
    suites.push({ args, env });
  }
  return suites;
}

/**
 * Reads what `cargo test` printed.
 *
 * @param {string} output
 * @param {number} code
 * @returns {Counts}
 */
function countCargo(output, code) {
  const counts = none();
  const plain = again.plain(output);
  for (const [, passed, failed] of plain.matchAll(
    /^test result: \S+ (\d+) passed; (\d+) failed; \d+ ignored/gm,
  )) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
  }
  for (const [, name, reason] of plain.matchAll(/^test (.+?) \.\.\. ignored(?:, (.+))?$/gm)) {
    counts.skips.push({ name, reason: reason ?? '' });
  }
  // Such a test has returned without a failure, so cargo took it for passed.
  for (const [, name, reason] of plain.matchAll(/\bSKIPPED: (\S+): (.+)$/gm)) {
    counts.passed -= 1;
    counts.skips.push({ name, reason });
  }
  counts.notes.push(...again.named(output, 'FAILED').map((name) => `failed: ${name}`));
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    counts.notes.push(`cargo test ended with code ${code} without a failed test (see above)`);
  }
  return counts;
}

/**
 * Reads the report of `jest --json`.
 *
 * @param {any} report null if Jest wrote none
 * @param {number} code
 * @returns {Counts}
 */
function countJest(report, code) {
  const counts = none();
  if (report) {
    counts.passed = report.numPassedTests;
    // A file that cannot even be loaded holds no test that could fail.
    counts.failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
    for (const file of report.testResults) {
      for (const test of file.assertionResults) {
        if (test.status === 'failed') counts.notes.push(`failed: ${test.fullName}`);
        if (!['pending', 'todo', 'skipped', 'disabled'].includes(test.status)) continue;
        const bracket = / \[(needs [^\]]*)\]/;
        const reason = bracket.exec(test.fullName)?.[1] ?? '';
        counts.skips.push({ name: test.fullName.replace(bracket, ''), reason });
      }
    }
  }
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    counts.notes.push(`jest ended with code ${code} without a failed test (see above)`);
  }
  return counts;
}

/**
 * Adds suites up and judges what was skipped. `refused` has the reason of each skip that is not permitted.
 *
 * @param {Counts[]} suites
 * @param {{all: boolean, allowed: Record<string, string>}} rules
 */
function total(suites, { all, allowed }) {
  const sum = {
    passed: 0,
    failed: 0,
    skipped: 0,
    notes: /** @type {string[]} */ ([]),
    refused: /** @type {string[]} */ ([]),
  };
  for (const { passed, failed, skips, notes } of suites) {
    sum.passed += passed;
    sum.failed += failed;
    sum.notes.push(...notes);
    for (const { name, reason } of skips) {
      const refused = all && !(name in allowed);
      sum[refused ? 'failed' : 'skipped'] += 1;
      const why = reason || allowed[name] || 'no reason given';
      if (refused) sum.refused.push(why);
      sum.notes.push(
        `${refused ? 'skipped, which LOOPWIRE_ALL forbids' : 'skipped'}: ${name} (${why})`,
      );
    }
  }
  sum.notes = ordered(sum.notes);
  return sum;
}

/** @param {string} note */
const isSkip = (note) => note.startsWith('skipped: ');

/**
 * Notes with the permitted skips first: a log of which only the end is kept still names what failed.
 *
 * @param {string[]} notes
 */
function ordered(notes) {
  return [...notes.filter(isSkip), ...notes.filter((note) => !isSkip(note))];
}

/**
 * How many tests each reason kept from running, the most first: one reason may keep a whole room from it.
 *
 * @param {string[]} reasons one for each test
 * @returns {string[]}
 */
function tally(reasons) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const why of reasons) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([why, count]) => `${count}: ${why}`);
}

/** The rules in force here. */
function rules() {
  const file = path.join(lib.root, '__test__', 'allowed-skips.json');
  return {
    all: process.env.LOOPWIRE_ALL === '1',
    allowed: JSON.parse(fs.readFileSync(file, 'utf8')),
  };
}

/** The closing line, in the one form that CI reads. @param {{passed: number, failed: number, skipped: number}} sum */
const line = (sum) => `${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`;

/** What one kind of suites came to. @typedef {{counts: Counts, reasons: string[]}} Outcome */

/** @param {string} what */
const secondTry = (what) => console.log(`\n== A second try, alone: ${what}`);

/** Reasons of what passed after all: they tell what is not patient enough. @param {string[]} reasons */
const first = (reasons) => reasons.map((reason) => `(first try) ${reason}`);

/**
 * Panics and faults that no test ordered: a failure each, however the test ended, and no second try excuses it.
 *
 * @param {string} output
 * @param {Set<string>} failed tests that have failed for it already
 * @returns {string[]}
 */
function notOrdered(output, failed) {
  const plain = again.plain(output);
  const told = [...plain.matchAll(/^NOT ORDERED: (.+)$/gm)].map(([, text]) => text);
  const lines = [...plain.matchAll(/^.* ERROR loopwire_\S+: fault .*$/gm)].map(([text]) => text);
  // One that the first pattern has told of prints these words as well.
  for (const [, thread, place] of plain.matchAll(/^thread '(.+?)'.* panicked at (\S+?):?$/gm)) {
    if (!told.some((text) => text.includes(place))) told.push(`${thread}: panicked at ${place}`);
  }
  const known = [...failed, 'main'];
  const free = told.filter((text) => !known.some((name) => text.startsWith(`${name}: `)));
  return [...new Set([...free, ...lines])];
}

/** @param {Counts} counts @param {string[]} found */
function addNotOrdered(counts, found) {
  counts.failed += found.length;
  counts.notes.push(...found.map((text) => `no test ordered this: ${text}`));
}

/** @param {string[]} args @param {Record<string, string>} env @param {string[]} more */
async function cargo(args, env, ...more) {
  // `--show-output`: what a passed test printed may be a SKIPPED line.
  const all = [...args, '--', '--show-output', ...more];
  const run = await lib.run('cargo', all, { capture: true, echo: true, env });
  return { ...run, stdout: again.quoteChildren(run.stdout) };
}

/** @param {{args: string[], env: Record<string, string>}} suite @returns {Promise<Outcome>} */
async function runCargo({ args, env }) {
  const run = await cargo(args, env);
  const reasons = whyCargo(run);
  // Also of tests in a test's own child.
  const failed = new Set(again.named(run.output, 'FAILED'));
  const found = notOrdered(run.output, failed);
  const targets = again.targetsAgain(run);
  if (targets.length === 0 || found.length > 0) {
    const code = failed.size > 0 ? run.code : 0;
    const counts = countCargo(run.stdout, found.length > 0 ? code : run.code);
    addNotOrdered(counts, found);
    return { counts, reasons };
  }
  const second = [];
  for (const target of targets) {
    secondTry(target.join(' '));
    const suite = ['test', ...target, '--target', lib.hostTriple()];
    second.push({ target, ...(await cargo(suite, env, '--test-threads=1')) });
  }
  const merged = again.mergeCargo(run, second);
  const counts = countCargo(merged.stdout, merged.code);
  counts.notes.push(...merged.notes);
  return { counts, reasons: [...first(reasons), ...second.flatMap(whyCargo)] };
}

/** @param {string[]} args */
async function jest(args) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-jest-'));
  const file = path.join(dir, 'report.json');
  try {
    const colours = process.stderr.isTTY ? ['--colors'] : [];
    const all = ['--json', `--outputFile=${file}`, ...colours, ...args];
    // `--json` also prints the report, to standard output: keep it and show nothing of it. What people read goes
    // to standard error, with what the native core prints there.
    const { code, stderr } = await lib.runTool('jest', all, {
      capture: true,
      echo: 'stderr',
      // A fault is told of there, too.
      env: { LOOPWIRE_LOG: process.env.LOOPWIRE_LOG ?? 'error' },
    });
    const report = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
    return { report, code, found: notOrdered(stderr, new Set()) };
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {string[]} args @returns {Promise<Outcome>} */
async function runJest(args) {
  const run = await jest(args);
  const reasons = whyJest(run.report);
  // Options are somebody's who looks into something: that is no run to be mended.
  const files = args.some((arg) => arg.startsWith('-')) ? [] : again.filesAgain(run.report);
  if (files.length === 0 || run.found.length > 0) {
    const counts = countJest(run.report, run.code);
    addNotOrdered(counts, run.found);
    return { counts, reasons };
  }
  secondTry(files.join(' '));
  const second = await jest(['--runInBand', '--runTestsByPath', ...files]);
  const merged = again.mergeJest(run.report, second.report);
  const counts = countJest(merged.report, second.code);
  addNotOrdered(counts, second.found);
  counts.notes.push(...merged.notes);
  return { counts, reasons: [...first(reasons), ...whyJest(second.report)] };
}

/** @param {string[]} args */
async function main(args) {
  const only = args.find((arg) => arg === '--rust' || arg === '--js');
  const jestArgs = args.filter((arg) => arg !== only);
  /** @type {Outcome[]} */
  const outcomes = [];
  fs.rmSync(lib.totalsFile, { force: true });
  if (only !== '--js') {
    const all = process.env.LOOPWIRE_ALL === '1';
    for (const suite of cargoSuites(all)) outcomes.push(await runCargo(suite));
    const skips = [{ name: 'loom', reason: SLOW_MODELS }];
    if (!all) outcomes.push({ counts: { ...none(), skips }, reasons: [] });
  }
  if (only !== '--rust') outcomes.push(await runJest(jestArgs));

  const suites = outcomes.map(({ counts }) => counts);
  const reasons = outcomes.flatMap((outcome) => outcome.reasons);
  const sum = total(suites, rules());
  fs.mkdirSync(path.dirname(lib.totalsFile), { recursive: true });
  const why = told(reasons);
  fs.writeFileSync(lib.totalsFile, JSON.stringify({ ...sum, why }));
  if (reasons.length > 0) console.log(`\n${why}`);
  if (sum.notes.length > 0) console.log(`\n${sum.notes.join('\n')}`);
  console.log(`\n${line(sum)}`);
  return sum.failed > 0 ? 1 : 0;
}

module.exports = { countCargo, countJest, line, notOrdered, ordered, rules, tally, total };

if (require.main === module) lib.cli(() => main(process.argv.slice(2)));
