// Who takes snapshots of a tree: Loopwire, and plain git in the work tree. Each has `open(root, home)`.
'use strict';
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const paths = require('../paths.cjs');

/** Loopwire keeps its store beneath the home directory. */
async function loopwire(root, home) {
  for (const name of ['XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME'])
    delete process.env[name];
  process.env.HOME = home;
  process.env.NAPI_RS_NATIVE_LIBRARY_PATH = paths.addon(paths.shipped);
  const { openWorkspace } = require(paths.shipped);
  const workspace = openWorkspace(root);
  return {
    store: home,
    take: async () => (await workspace.snapshots.create()).commitHash,
    restore: (commitHash) => workspace.snapshots.restore(commitHash),
    close: () => workspace.close(),
  };
}

/** As a script does it: everything into the index, a commit; and back by a hard reset, behind a commit of what is there. */
async function git(root, home) {
  const env = { ...process.env, HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
  const run = (...args) => execFileSync('git', ['-C', root, ...args], { env, encoding: 'utf8' });
  run('init', '-q');
  run('config', 'user.name', 'bench');
  run('config', 'user.email', 'bench@localhost');
  // Its own housekeeping would begin in the background, and be in somebody's figures.
  run('config', 'gc.auto', '0');
  run('config', 'maintenance.auto', 'false');
  const take = async () => {
    run('add', '-A');
    run('commit', '-q', '--allow-empty', '-m', 'snapshot');
    return run('rev-parse', 'HEAD').trim();
  };
  const restore = async (commit) => {
    await take();
    run('reset', '-q', '--hard', commit);
  };
  return { store: path.join(root, '.git'), take, restore, close: async () => {} };
}

module.exports = { git, loopwire };
