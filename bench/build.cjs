// Builds what the benchmarks need: the peers in release, Loopwire's harness build in its dist profile.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const paths = require('./lib/paths.cjs');

const LIBRARY = { darwin: ['lib', '.dylib'], win32: ['', '.dll'] }[process.platform] ?? [
  'lib',
  '.so',
];

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}

function copy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  // A library that a process still has mapped must not be written over.
  fs.rmSync(to, { force: true });
  fs.copyFileSync(from, to);
}

function dependencies() {
  const wanted = Object.keys(require(path.join(paths.bench, 'package.json')).dependencies);
  const there = (name) => fs.existsSync(path.join(paths.bench, 'node_modules', name));
  if (wanted.every(there)) return;
  const flags = ['--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['install', ...flags], {
    cwd: paths.bench,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}

function peers(suite) {
  // Those of the terminals and of watches are npm packages, and git is there.
  if (['terminal', 'snapshot', 'watch'].includes(suite)) return;
  const native = path.join(paths.bench, 'native');
  const packages =
    suite === 'forward' ? ['-p', 'forward'] : ['--workspace', '--exclude', 'forward'];
  run('cargo', ['build', '--release', '--quiet', ...packages], native);
  const metadata = execFileSync('cargo', ['metadata', '--format-version', '1', '--no-deps'], {
    cwd: native,
    encoding: 'utf8',
  });
  const release = path.join(JSON.parse(metadata).target_directory, 'release');
  if (suite === 'forward') return copy(path.join(release, 'forward'), paths.forward);
  for (const name of ['peers', 'bare']) {
    copy(path.join(release, LIBRARY[0] + name + LIBRARY[1]), paths[name]);
  }
  copy(path.join(release, path.basename(paths.count)), paths.count);
}

/** Loopwire as it is shipped, with or without the harness, into a folder of its own. */
function dist(place, features) {
  const cli = path.join(paths.root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const output = ['--output-dir', place, '--no-js', '--dts', 'binding.d.ts'];
  fs.mkdirSync(place, { recursive: true });
  const args = [cli, 'build', '--platform', '--profile', 'dist', ...features, ...output];
  run(process.execPath, args, paths.root);
}

/** False while the package or the napi-rs command line is missing. */
function loopwire(suite) {
  const needed = ['index.js', 'package.json', 'node_modules/@napi-rs/cli'];
  if (!needed.every((file) => fs.existsSync(path.join(paths.root, file)))) return false;
  if (!['forward', 'terminal', 'snapshot', 'watch'].includes(suite))
    dist(paths.harness, ['--features', 'harness']);
  // The public build gets the package's files around it, as an installation would have them.
  dist(paths.shipped, []);
  const { files } = require(path.join(paths.root, 'package.json'));
  for (const file of [...files.filter((name) => name.endsWith('.js')), 'package.json']) {
    copy(path.join(paths.root, file), path.join(paths.shipped, file));
  }
  return true;
}

/** Everything that the rows of a suite run. */
function build(suite) {
  dependencies();
  peers(suite);
  return loopwire(suite);
}

module.exports = { build };

if (require.main === module && !build(process.argv[2])) {
  console.log(
    'Built the peers; Loopwire itself needs index.js, package.json and node_modules at the root.',
  );
}
