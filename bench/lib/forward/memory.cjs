// Memory of a process, and how many connections one may hold here.
'use strict';
const fs = require('node:fs');

function rollup(pid, name) {
  const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]);
}

/** The user memory of a process in KB: its proportional set, so that what is shared is not counted twice. */
function pss(pid) {
  return rollup(pid, 'Pss');
}

/** The same without the pages of files, whose share changes when other processes that have them come and go. */
function anonymous(pid) {
  return rollup(pid, 'Pss_Anon');
}

/**
 * Forwarded connections that fit below the descriptor limit, ten thousand at most. Loopwire admits seven sixteenths of it
 * (docs/forwarding.md).
 */
function most() {
  const limits = fs.readFileSync('/proc/self/limits', 'utf8');
  const descriptors = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  return Math.min(10_000, Math.floor(((descriptors - 1000) * 7) / 16));
}

module.exports = { anonymous, most, pss };
