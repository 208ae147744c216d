// Memory of a process, and how many connections one may hold here.
'use strict';
const fs = require('node:fs');

/** The user memory of a process in KB: its proportional set, so that what is shared is not counted twice. */
function pss(pid) {
  return Number(/^Pss:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
}

/** Forwarded connections that fit below the descriptor limit, ten thousand at most. */
function most() {
  const limits = fs.readFileSync('/proc/self/limits', 'utf8');
  const descriptors = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  return Math.min(10_000, Math.floor((descriptors - 1000) / 2));
}

module.exports = { most, pss };
