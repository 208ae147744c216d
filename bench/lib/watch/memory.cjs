// The memory and the CPU time of this process.
'use strict';
const fs = require('node:fs');

/** The proportional set in KiB (user memory); watches in the kernel are not in it. */
function pss() {
  const [, kibibytes] = /^Pss:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/smaps_rollup', 'utf8'));
  return Number(kibibytes);
}

/** CPU time of all threads so far, in milliseconds. */
function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

module.exports = { cpu, pss };
