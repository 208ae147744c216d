// Does the package work on this machine? Runs its main jobs, and prints a line for each step:
//
//   ok        LISTENER: …
//   failed    TLS: why
//   not here  GIT: what this platform lacks
//
//   node scripts/smoke.cjs [FOLDER]         the folder of an installed package; otherwise `node_modules/loopwire` of the
//                                           current folder, or this clone
//     --lacks 'STEP=WHY'                    a step that is known not to work here; it is tried all the same
//     --complete                            a step that cannot be done here is a failure, unless --lacks names it
//     --patience N                          so many times the usual limit of 30 s for a step (emulators)
//     --node PROGRAM                        what runs JavaScript, if it is not this process's own program
//
// The exit code is 1 if a step has failed. Only Node's own modules: this file and `smoke/` can be copied to any machine.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const channel = require('./smoke/channel.cjs');
const forward = require('./smoke/forward.cjs');
const { check, run } = require('./smoke/step.cjs');
const workspace = require('./smoke/workspace.cjs');

/** How long a step may take. */
const STEP_MS = 30_000;

/** How long the process may go on after everything was shut down. */
const END_MS = 5000;

/** @typedef {import('./smoke/step.cjs').Step} Step */

/** @type {Step} */
const LOAD = {
  name: 'require',
  async run(the) {
    the.loopwire = require(the.folder);
    return the.loopwire.getVersionInfo();
  },
};

/** @type {Step} */
const SHUTDOWN = {
  name: 'shutdown',
  async run({ check, kept, loopwire }) {
    const { port } = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
    await loopwire.shutdown();
    // What has ended has freed its port.
    await loopwire.startEventListener(port, loopwire.generateToken(), () => {}).close();
    await loopwire.shutdown();
    for (const server of [kept.origin, kept.http?.upstream, kept.socks5?.upstream]) server?.close();
    check(!kept.listener || kept.listener.closed, 'the listener is open');
  },
};

// Saved data comes last of the engine's: it shuts down what the steps before have used.
const STEPS = [LOAD, ...channel.STEPS, ...workspace.STEPS, ...forward.STEPS, SHUTDOWN];

/** The installed package. @param {string | undefined} given */
function installed(given) {
  if (given) return path.resolve(given);
  const near = path.resolve('node_modules', 'loopwire');
  return fs.existsSync(near) ? near : path.resolve(__dirname, '..');
}

/** @param {string[]} given `STEP=WHY` */
function lacking(given) {
  const lacks = new Map(
    given.map((each) => /** @type {[string, string]} */ (each.split(/=(.*)/s, 2))),
  );
  for (const name of lacks.keys()) {
    check(
      STEPS.some((step) => step.name === name),
      `--lacks: there is no step "${name}"`,
    );
  }
  return lacks;
}

/** What this machine is called. */
function machine() {
  const report = /** @type {any} */ (process.report?.getReport() ?? { header: {} });
  const { glibcVersionRuntime: glibc } = report.header;
  const library = process.platform !== 'linux' ? '' : glibc ? `, glibc ${glibc}` : ', musl';
  return `${process.platform}-${process.arch}, Node ${process.version}${library}, ${os.type()} ${os.release()}`;
}

/** @param {import('./smoke/step.cjs').Outcome} outcome */
function print({ name, state, words }) {
  console.log(`${state.padEnd(8)}  ${name}: ${words}`);
}

/** @param {string[]} argv */
async function main(argv) {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      complete: { type: 'boolean', default: false },
      lacks: { type: 'string', multiple: true, default: [] },
      node: { type: 'string', default: process.execPath },
      patience: { type: 'string', default: '1' },
    },
  });
  const lacks = lacking(values.lacks);
  const ms = STEP_MS * Number(values.patience);
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-smoke-'));
  /** @type {import('./smoke/step.cjs').Surroundings} */
  const the = {
    loopwire: undefined,
    folder: installed(positionals[0]),
    place,
    node: values.node,
    check,
    kept: {},
  };
  console.log(`${the.folder} on ${machine()}`);
  /** @type {import('./smoke/step.cjs').Outcome[]} */
  const outcomes = [];
  for (const step of STEPS) {
    const outcome = await run(step, the, { ms, lacks, complete: values.complete });
    print(outcome);
    outcomes.push(outcome);
    // Without the package there is nothing to try.
    if (step === LOAD && outcome.state === 'failed') break;
  }
  fs.rmSync(place, { recursive: true, force: true, maxRetries: 3 });

  const count = (/** @type {string} */ state) =>
    outcomes.filter((one) => one.state === state).length;
  const finish = (/** @type {import('./smoke/step.cjs').Outcome} */ last) => {
    print(last);
    outcomes.push(last);
    const failed = count('failed');
    console.log(`${count('ok')} ok, ${failed} failed, ${count('not here')} not here`);
    process.exitCode = failed > 0 ? 1 : 0;
  };
  if (outcomes.length < STEPS.length)
    return finish({ name: 'end of the process', state: 'failed', words: 'not tried' });
  const wait = END_MS * Number(values.patience);
  const hangs = setTimeout(() => {
    const words = `it still runs after ${wait / 1000} s: ${process.getActiveResourcesInfo().join(', ')}`;
    finish({ name: 'end of the process', state: 'failed', words });
    process.exit();
  }, wait);
  hangs.unref();
  process.once('exit', () => {
    if (outcomes.length === STEPS.length)
      finish({ name: 'end of the process', state: 'ok', words: 'by itself' });
  });
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
