// On what machine the figures were taken.
'use strict';
const { execFileSync } = require('node:child_process');
const os = require('node:os');
const paths = require('./paths.cjs');

function version(command, option = '--version') {
  try {
    return execFileSync(command, [option], { encoding: 'utf8' }).trim().split('\n')[0];
  } catch {
    return 'none';
  }
}

/** Of each suite's peers, those that are not pinned in package.json. */
const PEERS = {
  forward: () => ({ haproxy: version('haproxy', '-v'), tinyproxy: version('tinyproxy', '-v') }),
  channel: () => ({ bun: bunVersion() }),
  plots: () => ({ bun: bunVersion() }),
  snapshot: () => ({ git: version('git') }),
  c: () => ({ cc: version('cc') }),
};

function bunVersion() {
  const bun = paths.bun();
  return bun ? version(bun) : 'none';
}

/** The machine, and the versions of what is measured on it by these suites. */
function machine(suites) {
  const cpus = os.cpus();
  const peers = Object.assign({}, ...suites.map((suite) => PEERS[suite]?.()));
  return {
    date: new Date().toISOString(),
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    ...peers,
    rustc: version('rustc'),
    load: os
      .loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
  };
}

module.exports = { machine, version };
