// Is the tree ready to land? Builds, lints, checks what is generated, runs every suite; all of it,
// even when a step fails, and then says what failed.
//
// Each step here counts as one test in the closing line `N passed, N failed, N skipped`.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('./lib.cjs');
const subjects = require('./subjects.cjs');
const { TARGETS } = require('./cross/targets.cjs');
const { lacking } = require('./cross/toolchain.cjs');
const { line, ordered, rules, tally, total } = require('./test.cjs');

/** @typedef {{code: number, output?: string}} Result */
/** @typedef {{name: string, run: () => Promise<Result>, skip?: () => string | null, live?: boolean}} Step */

const quiet = { capture: true };
const node = (/** @type {string[]} */ ...args) => lib.run(process.execPath, args, quiet);
const clippy = (/** @type {string[]} */ ...features) =>
  lib.run(
    'cargo',
    ['clippy', '--workspace', '--all-targets', '--target', lib.hostTriple(), ...features].concat([
      '--',
      '-D',
      'warnings',
    ]),
    quiet,
  );
/**
 * A step by a tool that `.ci/run` installs from PyPI; on the path it will do as well.
 *
 * @param {string} name
 * @param {string[]} args
 */
function checker(name, args) {
  const own = path.join(lib.toolsDir, 'python', 'bin', name);
  const program = fs.existsSync(own) ? own : name;
  const missing = `needs ${name}: bash .ci/run installs it, or cargo install`;
  return {
    name,
    skip: () => (lib.firstLine(program, ['--version']) ? null : missing),
    run: () => lib.run(program, args, quiet),
  };
}
/**
 * Whether it compiles for a system that is not this one. The tests cannot say: they run on one.
 *
 * @param {string} system
 * @param {string} folder of the package
 */
function foreign(system, folder) {
  const { triple } = TARGETS.find((target) => target.folder === folder) ?? { triple: '' };
  return {
    name: `cargo check for ${system}`,
    skip: () => lacking(triple),
    run: () => node('scripts/cross.cjs', '--check', folder),
  };
}
const attw = path.join(lib.toolsDir, 'managers/node_modules/@arethetypeswrong/cli/dist/index.js');
const haveGit = () =>
  fs.existsSync(path.join(lib.root, '.git')) && lib.firstLine('git', ['--version']);

/** @type {Step[]} */
const STEPS = [
  {
    name: 'install and build',
    run: () => lib.run(process.execPath, ['scripts/bootstrap.cjs', '--harness', '--force'], {}),
    live: true,
  },
  {
    name: 'generated types are those of the sources',
    // The build above has just written them: what differs from git's index was not committed.
    skip: () => (haveGit() ? null : 'needs git and a clone'),
    run: () => lib.run('git', ['diff', '--exit-code', '--stat', '--', 'binding.d.ts'], quiet),
  },
  { name: 'types are those of the fixtures', run: () => node('scripts/types.cjs', '--check') },
  { name: 'rustfmt', run: () => lib.run('cargo', ['fmt', '--all', '--check'], quiet) },
  { name: 'clippy', run: () => clippy() },
  { name: 'clippy with harness', run: () => clippy('--features', 'harness') },
  foreign('Windows', 'win32-x64-msvc'),
  foreign('macOS', 'darwin-arm64'),
  { name: 'imports as drawn', run: () => node('scripts/arrows.cjs') },
  {
    name: "the client's build and its size",
    run: () => lib.run(process.execPath, ['scripts/client.cjs', '--check'], {}),
    // Its lines are the sizes.
    live: true,
  },
  {
    name: "the inspector's build and its size",
    run: () => lib.run(process.execPath, ['scripts/inspector.cjs', '--check'], {}),
    live: true,
  },
  { name: 'oxlint', run: () => lib.runTool('oxlint', ['--deny-warnings'], quiet) },
  { name: 'prettier', run: () => lib.runTool('prettier', ['--check', '.'], quiet) },
  {
    name: 'tsc',
    run: () => lib.runTool('typescript', ['--noEmit', '-p', '.'], { ...quiet, bin: 'tsc' }),
  },
  {
    name: 'attw',
    skip: () =>
      fs.existsSync(attw) ? null : 'needs @arethetypeswrong/cli: bash .ci/run installs it',
    run: () => node(attw, '--pack', '.'),
  },
  { name: 'publint', run: () => lib.runTool('publint', ['--strict'], quiet) },
  {
    name: 'cargo doc',
    run: () =>
      lib.run(
        'cargo',
        [
          'doc',
          '--workspace',
          '--no-deps',
          '--document-private-items',
          '--target',
          lib.hostTriple(),
        ],
        { ...quiet, env: { RUSTDOCFLAGS: '-D warnings' } },
      ),
  },
  // Without the advisories, which would have to be fetched.
  checker('cargo-deny', ['--offline', 'check', 'bans', 'licenses', 'sources']),
  checker('cargo-shear', ['--offline']),
  checker('typos', []),
  {
    name: 'commit subjects',
    skip: () => subjects.unreadable(),
    run: () => node('scripts/subjects.cjs'),
  },
];

/** @param {Step} step */
async function runStep(step) {
  const reason = step.skip?.();
  if (reason) return { name: step.name, state: 'skipped', reason, seconds: 0 };
  const begun = Date.now();
  let code;
  let output = '';
  try {
    ({ code, output = '' } = await step.run());
  } catch (error) {
    code = 1;
    output = String(error);
  }
  const seconds = (Date.now() - begun) / 1000;
  const state = code === 0 ? 'passed' : 'failed';
  if (state === 'failed' && !step.live) console.log(output);
  console.log(`${state === 'passed' ? '✓' : '✗'} ${step.name} (${seconds.toFixed(1)} s)`);
  return { name: step.name, state, reason: '', seconds };
}

/** Runs the suites and reads the totals that they leave. */
async function runSuites() {
  await lib.run(process.execPath, ['scripts/test.cjs']);
  try {
    return JSON.parse(fs.readFileSync(lib.totalsFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, notes: ['the suites ended without totals'] };
  }
}

async function main() {
  fs.rmSync(lib.totalsFile, { force: true });
  /** @type {Awaited<ReturnType<typeof runStep>>[]} */
  const results = [];
  for (const step of STEPS) results.push(await runStep(step));
  const suites = await runSuites();

  const named = (/** @type {string} */ state) => results.filter((one) => one.state === state);
  const steps = total(
    [
      {
        passed: named('passed').length,
        failed: named('failed').length,
        skips: named('skipped'),
        notes: named('failed').map(({ name }) => `failed: ${name}`),
      },
    ],
    rules(),
  );
  const sum = {
    passed: steps.passed + suites.passed,
    failed: steps.failed + suites.failed,
    skipped: steps.skipped + suites.skipped,
    notes: ordered([...steps.notes, ...suites.notes]),
  };
  fs.mkdirSync(path.dirname(lib.totalsFile), { recursive: true });
  fs.writeFileSync(lib.totalsFile, JSON.stringify(sum));
  console.log(`\nChecks: ${line(steps)}\nSuites: ${line(suites)}`);
  for (const note of sum.notes) console.log(`  ${note}`);
  // Once more, behind the long list: a log of which only the end is kept has it.
  if (suites.why) console.log(`\n${suites.why}`);
  const refused = tally([...steps.refused, ...(suites.refused ?? [])]);
  if (refused.length > 0) console.log(`\nSkipped, and must not be:\n  ${refused.join('\n  ')}`);
  console.log(sum.failed > 0 ? '\nNot ready.' : '\nReady.');
  console.log(line(sum));
  return sum.failed > 0 ? 1 : 0;
}

lib.cli(main);
