// Where things lie: what build.cjs has built, and Bun's executable.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const bench = path.join(__dirname, '..');
const built = path.join(bench, 'built');

/** Bun as a plain executable: from its platform's package, or where its install script moves it. */
function bun() {
  const modules = path.join(bench, 'node_modules');
  const scope = path.join(modules, '@oven');
  if (!fs.existsSync(scope)) return undefined;
  const name = process.platform === 'win32' ? 'bun.exe' : 'bun';
  return [
    ...fs.readdirSync(scope).map((each) => path.join(scope, each, 'bin', name)),
    path.join(modules, 'bun', 'bin', 'bun.exe'),
  ].find((file) => fs.existsSync(file));
}

/** The `.node` in a folder, if there is one. */
function addon(folder) {
  const name =
    fs.existsSync(folder) && fs.readdirSync(folder).find((file) => file.endsWith('.node'));
  return name ? path.join(folder, name) : undefined;
}

module.exports = {
  addon,
  bench,
  built,
  bun,
  root: path.join(bench, '..'),
  count: path.join(built, process.platform === 'win32' ? 'count.exe' : 'count'),
  /** Both ends of the forwarding rows; they need Linux. */
  forward: path.join(built, 'forward'),
  /** Reads a PTY and throws its output away; needs Unix. */
  discard: path.join(built, 'discard'),
  /** The program of the rows of C, which looks for the library beside itself; they need Unix. */
  capi: path.join(built, 'c', 'bench'),
  peers: path.join(built, 'peers.node'),
  bare: path.join(built, 'bare.node'),
  /** The harness build, loaded under the package's JavaScript API. */
  harness: path.join(bench, 'loopwire', 'harness'),
  /** The public build with the package's files around it. */
  shipped: path.join(bench, 'loopwire', 'shipped'),
};
