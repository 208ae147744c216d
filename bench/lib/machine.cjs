// On what machine the figures were taken.
'use strict';
const { execFileSync } = require('node:child_process');
const os = require('node:os');
const paths = require('./paths.cjs');

function version(command) {
  try {
    return execFileSync(command, ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return 'none';
  }
}

function machine() {
  const cpus = os.cpus();
  const bun = paths.bun();
  return {
    date: new Date().toISOString(),
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    bun: bun ? version(bun) : 'none',
    rustc: version('rustc'),
    load: os
      .loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
  };
}

module.exports = { machine };
