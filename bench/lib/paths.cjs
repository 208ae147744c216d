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

module.exports = {
  bench,
  built,
  bun,
  root: path.join(bench, '..'),
  count: path.join(built, process.platform === 'win32' ? 'count.exe' : 'count'),
  peers: path.join(built, 'peers.node'),
  bare: path.join(built, 'bare.node'),
  loopwire: path.join(bench, 'loopwire'),
};
