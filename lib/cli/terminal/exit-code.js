// The exit code for the end of a remote command, as a shell has it.
'use strict';

const os = require('node:os');
const { Problem, complain } = require('../problem.js');

/** As `timeout`. */
const TIMED_OUT = 124;
/** A shell adds the signal's number to this. */
const BY_SIGNAL = 128;

/** The numbers of Linux, in order. */
const LINUX = Object.fromEntries(
  (
    'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT ' +
    'CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
  )
    .split(' ')
    .map((name, at) => [`SIG${name}`, at + 1]),
);

const REASONS = {
  output: 'the command was ended: it wrote more than the workspace allows (maxOutputBytes)',
  detached: 'the command was ended: nobody was connected to it for too long',
  closed: 'the command was ended: the workspace was closed',
  failed: 'the command was ended: a part of the workspace failed',
};

/** Windows has few signals, and some with other numbers: those of Linux, where the command may have run. */
const NUMBERS = process.platform === 'win32' ? LINUX : os.constants.signals;

const bySignal = (name) => BY_SIGNAL + (NUMBERS[name] ?? 0);

/** The exit code for the data of `terminal:exit`. */
function exitCode({ exitCode: code, signal, reason }) {
  if (reason === 'timeout') {
    complain('the command was ended: its time was over (--timeout)');
    return TIMED_OUT;
  }
  if (reason !== undefined) throw new Problem(REASONS[reason] ?? reason);
  return code ?? bySignal(signal);
}

module.exports = { LINUX, bySignal, exitCode };
