// The exit code for the end of a remote command, as a shell has it.
'use strict';

const os = require('node:os');
const { Problem, complain } = require('../problem.js');

/** As `timeout`. */
const TIMED_OUT = 124;
/** A shell adds the signal's number to this. */
const BY_SIGNAL = 128;

const REASONS = {
  output: 'the command was ended: it wrote more than the workspace allows (maxOutputBytes)',
  detached: 'the command was ended: nobody was connected to it for too long',
  closed: 'the command was ended: the workspace was closed',
  failed: 'the command was ended: a part of the workspace failed',
};

const bySignal = (name) => BY_SIGNAL + (os.constants.signals[name] ?? 0);

/** The exit code for the data of `terminal:exit`. */
function exitCode({ exitCode: code, signal, reason }) {
  if (reason === 'timeout') {
    complain('the command was ended: its time was over (--timeout)');
    return TIMED_OUT;
  }
  if (reason !== undefined) throw new Problem(REASONS[reason] ?? reason);
  return code ?? bySignal(signal);
}

module.exports = { bySignal, exitCode };
