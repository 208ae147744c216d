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

/**
 * The native packages of each suite. The peers of watches are npm packages, git is there, and those of C are
 * in its program.
 */
const NATIVE = {
  channel: ['bare', 'count', 'peers'],
  forward: ['forward'],
  terminal: ['discard'],
  plots: ['count', 'forward', 'peers'],
};
/** Those that are libraries for Node. */
const ADDONS = new Set(['bare', 'peers']);

function peers(suite) {
  const packages = NATIVE[suite] ?? [];
  if (packages.length === 0) return;
  const native = path.join(paths.bench, 'native');
  const chosen = packages.flatMap((name) => ['-p', name]);
  run('cargo', ['build', '--release', '--quiet', ...chosen], native);
  const metadata = execFileSync('cargo', ['metadata', '--format-version', '1', '--no-deps'], {
    cwd: native,
    encoding: 'utf8',
  });
  const release = path.join(JSON.parse(metadata).target_directory, 'release');
  for (const name of packages) {
    const file = ADDONS.has(name) ? LIBRARY[0] + name + LIBRARY[1] : path.basename(paths[name]);
    copy(path.join(release, file), paths[name]);
  }
}

/** The C library as it is shipped, and the program of C beside it. */
function capi() {
  // As it is shipped: with another kind of crate beside them, nothing is optimised across crates.
  const kinds = ['--crate-type', 'cdylib,staticlib'];
  const profile = ['--profile', 'dist', '--quiet'];
  run('cargo', ['rustc', ...profile, '-p', 'loopwire-capi', ...kinds], paths.root);
  const metadata = execFileSync('cargo', ['metadata', '--format-version', '1', '--no-deps'], {
    cwd: paths.root,
    encoding: 'utf8',
  });
  const made = path.join(JSON.parse(metadata).target_directory, 'dist');
  const place = path.dirname(paths.capi);
  const name = `${LIBRARY[0]}loopwire${LIBRARY[1]}`;
  copy(path.join(made, name), path.join(place, name));
  // Linked by its own name, it is looked for by its SONAME.
  if (process.platform === 'linux') copy(path.join(made, name), path.join(place, `${name}.0`));
  const include = path.join(paths.root, 'crates', 'capi', 'include');
  const source = path.join(paths.bench, 'c', 'bench.c');
  const warnings = ['-Wall', '-Wextra', '-Werror'];
  const library = ['-L', place, '-lloopwire', `-Wl,-rpath,${place}`];
  const compile = ['-std=gnu11', '-O2', '-pthread', ...warnings, `-I${include}`, source];
  run('cc', [...compile, ...library, '-o', paths.capi], paths.root);
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
  if (suite === 'c') {
    capi();
    return true;
  }
  // The public build gets the package's files around it, as an installation would have them.
  dist(paths.shipped, []);
  const { files } = require(path.join(paths.root, 'package.json'));
  for (const file of [...files.filter((name) => name.endsWith('.js')), 'package.json']) {
    copy(path.join(paths.root, file), path.join(paths.shipped, file));
  }
  const { made } = require(path.join(paths.root, 'scripts', 'package', 'bundle.cjs')).bundle();
  for (const [file, text] of Object.entries(made)) {
    fs.writeFileSync(path.join(paths.shipped, file), text);
  }
  return true;
}

/** Everything that the rows of a suite run. */
function build(suite) {
  if (suite !== 'c') dependencies();
  peers(suite);
  return loopwire(suite);
}

module.exports = { build };

if (require.main === module && !build(process.argv[2])) {
  console.log(
    'Built the peers; Loopwire itself needs index.js, package.json and node_modules at the root.',
  );
}
