// Makes a fresh clone ready to run: npm packages, then the native core, each only if it is not there
// or not of these sources.
//
//   node scripts/bootstrap.cjs                  what `npm start` needs
//   node scripts/bootstrap.cjs --harness        and the tests' build, with native producers, in harness/
//   node scripts/bootstrap.cjs --force          rebuild whatever the stamps say
//   node scripts/bootstrap.cjs --install-only   npm packages alone
//
// It is called by the npm scripts themselves, not by prestart or pretest: npm leaves those out when
// ignore-scripts is set, as it is on careful people's machines.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('./lib.cjs');

/** Whatever the addon is made of. Data files may be compiled in, so folders count whole. */
const SOURCES = ['src', 'crates', 'fixtures', 'build.rs', 'Cargo.toml', 'Cargo.lock', '.cargo'];
const STAMPS = path.join(lib.root, 'node_modules', '.cache', 'loopwire');

/** @param {string} name */
function readStamp(name) {
  try {
    return fs.readFileSync(path.join(STAMPS, name), 'utf8');
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
function writeStamp(name, value) {
  fs.mkdirSync(STAMPS, { recursive: true });
  fs.writeFileSync(path.join(STAMPS, name), value);
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    throw new lib.Problem(`Loopwire needs Node 20 or newer; this is ${process.version}.`);
  }
}

async function install() {
  const wanted = lib.contentHash(['package.json', '.npmrc']);
  if (readStamp('install') === wanted) return;
  console.log('Installing npm packages (once, and when package.json changes) …');
  // No package here needs an install script, and none gets to run one.
  const args = ['install', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  const { code, output } = await lib.runNpm([...args, '--loglevel=error'], { capture: true });
  if (code === 127) {
    throw new lib.Problem(
      'No npm found: it comes with Node (https://nodejs.org) and must be on the PATH.',
    );
  }
  if (code !== 0) {
    throw new lib.Problem(`${output}\n\`npm install\` failed; its words are above.`);
  }
  writeStamp('install', wanted);
}

/**
 * What a build left behind: its hash tells whether the files on disk are still that build's.
 *
 * @param {string} dir relative to the root
 */
function outputsOf(dir) {
  const node = path.join(dir, `loopwire.${lib.platformAbi()}.node`);
  const stat = fs.statSync(path.join(lib.root, node), { throwIfNoEntry: false });
  if (!stat) return null;
  const generated = path.posix.join(dir, 'binding.d.ts');
  return `${stat.size} ${stat.mtimeMs} ${lib.contentHash([generated])}`;
}

/**
 * Builds the addon with the quick profile.
 *
 * @param {{dir: string, features?: string, force: boolean}} options
 */
async function build({ dir, features, force }) {
  const stamp = features ? `build-${features}` : 'build';
  const sources = lib.contentHash([...SOURCES, 'package.json']);
  const before = outputsOf(dir);
  if (!force && before && readStamp(stamp) === `${sources} ${before}`) return;
  if (!lib.firstLine('cargo', ['--version'])) throw new lib.Problem(lib.noRust());

  const what = features ? `the native core with \`${features}\`` : 'the native core';
  console.log(`Building ${what} (the first time takes a minute or two) …`);
  const args = ['build', '--platform', '--no-js', '--dts', 'binding.d.ts'];
  args.push('--output-dir', dir);
  if (features) args.push('--features', features);
  const { code } = await lib.runTool('@napi-rs/cli', args, { bin: 'napi' });
  if (code !== 0) throw new lib.Problem('The native core did not build; the reason is above.');
  const after = outputsOf(dir);
  if (!after)
    throw new lib.Problem(`\`napi build\` left no addon for ${lib.platformAbi()} in ${dir}.`);
  writeStamp(stamp, `${sources} ${after}`);
}

/** @param {string[]} args */
async function bootstrap(args) {
  const known = ['--harness', '--force', '--install-only'];
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown) throw new lib.Problem(`Unknown option ${unknown}; there are ${known.join(', ')}.`);
  checkNode();
  await install();
  if (args.includes('--install-only')) return;
  const force = args.includes('--force');
  await build({ dir: '.', force });
  if (args.includes('--harness')) await build({ dir: 'harness', features: 'harness', force });
}

lib.cli(() => bootstrap(process.argv.slice(2)));
