// A secret variable of the environment: read once, then removed from everywhere where others could read it.
'use strict';

const fs = require('node:fs');
const { complain } = require('./problem.js');

/** The numbers of `env_start` and `env_end` in /proc/self/stat, counted from the process's state (proc(5)). */
const ENV_START = 50 - 3;
const ENV_END = 51 - 3;
/** More than Linux allows for arguments and environment by default: what is larger is not what we think it is. */
const MOST_BYTES = 8 << 20;

/**
 * The value of the variable, if it is set. It is deleted, so that programs which are started do not inherit it, and
 * overwritten where the system put it when this process began: /proc/PID/environ shows those bytes for as long as the
 * process lives, to every program of the same user.
 */
function take(name) {
  const value = process.env[name];
  delete process.env[name];
  if (value === undefined || process.platform !== 'linux') return value;
  let left;
  try {
    overwrite(name);
    const now = `\0${fs.readFileSync('/proc/self/environ', 'latin1')}`;
    left = now.includes(`\0${name}=`);
  } catch (error) {
    // Without /proc nobody can read it there either.
    left = error.code !== 'ENOENT';
  }
  if (left) {
    complain(
      `warning: ${name} cannot be removed from /proc/${process.pid}/environ, where programs of this user ` +
        'can read it; use --token-file',
    );
  }
  return value;
}

function overwrite(name) {
  const stat = fs.readFileSync('/proc/self/stat', 'latin1');
  // The name of the program, in parentheses, may contain spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const start = Number(fields[ENV_START]);
  const size = Number(fields[ENV_END]) - start;
  if (!Number.isSafeInteger(start) || !(size > 0 && size <= MOST_BYTES)) return;
  const memory = fs.openSync('/proc/self/mem', 'r+');
  try {
    const bytes = Buffer.alloc(size);
    fs.readSync(memory, bytes, 0, size, start);
    // A variable may be there more than once.
    for (let from = 0; from < size;) {
      const to = bytes.indexOf(0, from);
      const end = to < 0 ? size : to;
      if (bytes.subarray(from, end).indexOf(`${name}=`) === 0) {
        fs.writeSync(memory, Buffer.alloc(end - from), 0, end - from, start + from);
      }
      from = end + 1;
    }
    bytes.fill(0);
  } finally {
    fs.closeSync(memory);
  }
}

module.exports = { take };
