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
  if (fs.existsSync(path.join(paths.bench, 'node_modules', 'ws'))) return;
  const flags = ['--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['install', ...flags], {
    cwd: paths.bench,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}

function peers() {
  const native = path.join(paths.bench, 'native');
  run('cargo', ['build', '--release', '--quiet'], native);
  const metadata = execFileSync('cargo', ['metadata', '--format-version', '1', '--no-deps'], {
    cwd: native,
    encoding: 'utf8',
  });
  const release = path.join(JSON.parse(metadata).target_directory, 'release');
  for (const name of ['peers', 'bare']) {
    copy(path.join(release, LIBRARY[0] + name + LIBRARY[1]), paths[name]);
  }
  copy(path.join(release, path.basename(paths.count)), paths.count);
}

/** The package's own face over a binding with and without the harness; nothing if it is not there yet. */
function loopwire() {
  const cli = path.join(paths.root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const face = path.join(paths.root, 'index.js');
  if (!fs.existsSync(cli) || !fs.existsSync(face)) return false;
  for (const [place, features] of [
    [paths.loopwire, ['--features', 'harness']],
    [path.join(paths.loopwire, 'public'), []],
  ]) {
    fs.mkdirSync(place, { recursive: true });
    const output = ['--output-dir', place, '--js', 'binding.js', '--dts', 'binding.d.ts'];
    run(
      process.execPath,
      [cli, 'build', '--platform', '--profile', 'dist', ...features, ...output],
      paths.root,
    );
    for (const file of ['index.js', 'package.json']) {
      copy(path.join(paths.root, file), path.join(place, file));
    }
  }
  return true;
}

function build() {
  dependencies();
  peers();
  return loopwire();
}

module.exports = { build };

if (require.main === module && !build()) {
  console.log("Built the peers; Loopwire's own build needs index.js and node_modules at the root.");
}
