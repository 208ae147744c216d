// Does the channel speak WebSocket? Runs the fuzzing client of the Autobahn test suite, groups 1 to 10, over
// `ws` and `wss` against `crates/channel/examples/echo.rs`, and prints how many cases ended how.
//
//   npm run conformance               all of it
//   npm run conformance -- '6.*'      some cases, for a look at them; the report is in target/conformance
//
// The suite is written for Python 2.7. Without one it is skipped by name; the gate that always runs is our own
// table of RFC 6455 (`crates/channel/tests/wire`).
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');
const lib = require('./lib.cjs');

/** In this order: the build of one that is older than the suite needs `incremental` to be there. */
const PACKAGES = [['incremental==16.10.1'], ['Twisted==19.10.0', 'autobahntestsuite==25.10.1']];

/** The cases of the groups 1 to 10. Fewer would mean that something was not tested. */
const ALL_CASES = 301;

/** "Non-strict" is right, but later than it could be. */
const MOST_NON_STRICT = 2;

const GROUPS = ['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', '8.*', '9.*', '10.*'];

const suiteDir = path.join(lib.toolsDir, 'autobahn');
const reportDir = path.join(lib.root, 'target', 'conformance');

/** A Python 2.7 that runs: on the path, or one of pyenv's. @returns {string | null} */
function findPython() {
  const versions = path.join(
    process.env.PYENV_ROOT ?? path.join(os.homedir(), '.pyenv'),
    'versions',
  );
  const installed = fs.existsSync(versions) ? fs.readdirSync(versions) : [];
  const ofPyenv = installed
    .filter((name) => name.startsWith('2.7'))
    .map((name) => path.join(versions, name, 'bin', 'python2.7'));
  const check = ['-c', 'import sys; print(sys.version_info[:2] == (2, 7))'];
  const works = (/** @type {string} */ program) => lib.firstLine(program, check) === 'True';
  return ['python2.7', ...ofPyenv].find(works) ?? null;
}

/** Installs the suite, unless it is there. @param {string} python */
async function install(python) {
  const marker = path.join(suiteDir, 'installed.json');
  const wanted = JSON.stringify({ python, PACKAGES });
  if (fs.existsSync(marker) && fs.readFileSync(marker, 'utf8') === wanted) return;
  fs.rmSync(suiteDir, { recursive: true, force: true });
  fs.mkdirSync(suiteDir, { recursive: true });
  console.log(`Installing the Autobahn test suite into ${path.relative(lib.root, suiteDir)} …`);
  for (const packages of PACKAGES) {
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
    const { code, output } = await lib.run(
      python,
      [...pip, '--upgrade', '--target', suiteDir, ...packages],
      { capture: true, env: { PYTHONPATH: suiteDir } },
    );
    if (code !== 0) {
      throw new lib.Problem(`The Autobahn test suite could not be installed from PyPI:\n${output}`);
    }
  }
  fs.writeFileSync(marker, wanted);
}

/** Starts the echo server. @returns {Promise<{addresses: Record<string, string>, stop: () => Promise<void>}>} */
async function startEcho() {
  const target = ['--target', lib.hostTriple()];
  const example = ['-p', 'loopwire-channel', '--features', 'conformance', '--example', 'echo'];
  const built = await lib.run('cargo', ['build', '--quiet', ...example, ...target]);
  if (built.code !== 0) throw new lib.Problem('The echo server could not be built.');
  const child = spawn('cargo', ['run', '--quiet', ...example, ...target], {
    cwd: lib.root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), ended.then(() => null)]);
  if (!first) throw new lib.Problem('The echo server ended before it was ready.');
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { addresses: JSON.parse(String(first[0])), stop };
}

/**
 * What the cases of one report come to.
 *
 * @param {Record<string, {behavior: string, behaviorClose: string}>} cases
 */
function count(cases) {
  /** @type {Record<string, number>} */
  const ends = {};
  const failed = [];
  for (const [name, { behavior, behaviorClose }] of Object.entries(cases)) {
    ends[behavior] = (ends[behavior] ?? 0) + 1;
    const good = ['OK', 'NON-STRICT', 'INFORMATIONAL'];
    const closed = ['OK', 'INFORMATIONAL'];
    if (!good.includes(behavior) || !closed.includes(behaviorClose)) {
      failed.push(`${name}: ${behavior}, close ${behaviorClose}`);
    }
  }
  const nonStrict = Object.keys(cases).filter((name) => cases[name].behavior === 'NON-STRICT');
  return { total: Object.keys(cases).length, ends, failed, nonStrict };
}

/** Why a report is not good enough. @param {ReturnType<typeof count>} counted @param {boolean} whole */
function complaints({ total, failed, nonStrict }, whole) {
  const all = [...failed];
  if (nonStrict.length > MOST_NON_STRICT) all.push(`non-strict: ${nonStrict.join(', ')}`);
  if (whole && total < ALL_CASES) all.push(`only ${total} of ${ALL_CASES} cases were run`);
  return all;
}

/** Runs the cases against one address. @param {string} python @param {string} agent @param {string} url @param {string[]} cases */
async function fuzz(python, agent, url, cases) {
  const outdir = path.join(reportDir, agent);
  fs.rmSync(outdir, { recursive: true, force: true });
  fs.mkdirSync(outdir, { recursive: true });
  const spec = path.join(outdir, 'spec.json');
  const servers = [{ agent, url }];
  const rest = { 'exclude-cases': [], 'exclude-agent-cases': {} };
  fs.writeFileSync(spec, JSON.stringify({ outdir, servers, cases, ...rest }));
  // A site directory, because the suite's namespace packages are named in `.pth` files.
  const site = `import site; site.addsitedir(${JSON.stringify(suiteDir)})`;
  const run = `${site}; from autobahntestsuite.wstest import run; run()`;
  const { output } = await lib.run(python, ['-c', run, '-m', 'fuzzingclient', '-s', spec], {
    capture: true,
    cwd: outdir,
    env: { PYTHONPATH: suiteDir },
  });
  const index = path.join(outdir, 'index.json');
  if (!fs.existsSync(index)) {
    throw new lib.Problem(`The fuzzing client left no report:\n${output.slice(-2_000)}`);
  }
  return count(JSON.parse(fs.readFileSync(index, 'utf8'))[agent] ?? {});
}

async function main() {
  const python = findPython();
  if (!python) {
    console.log(
      'skipped: conformance (needs Python 2.7, for which the Autobahn test suite is written)',
    );
    return 0;
  }
  if (spawnSync('cargo', ['--version']).status !== 0) throw new lib.Problem(lib.noRust());
  await install(python);
  const asked = process.argv.slice(2);
  const echo = await startEcho();
  let code = 0;
  try {
    for (const [agent, url] of Object.entries(echo.addresses)) {
      const counted = await fuzz(python, agent, url, asked.length > 0 ? asked : GROUPS);
      const ends = Object.entries(counted.ends).map(([end, number]) => `${number} ${end}`);
      console.log(`${agent}: ${counted.total} cases: ${ends.join(', ')}`);
      for (const complaint of complaints(counted, asked.length === 0)) {
        console.log(`  ${complaint}`);
        code = 1;
      }
    }
  } finally {
    await echo.stop();
  }
  console.log(`The report is in ${path.relative(lib.root, reportDir)}.`);
  return code;
}

if (require.main === module) lib.cli(main);

module.exports = { complaints, count, findPython };
