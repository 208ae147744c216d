// A problem: an error that the user can correct, in one sentence, with the exit code of the process.
'use strict';

/** The exit codes. */
const EXIT = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  /** Of commands whose exit code is another program's: as of `docker`, `env` and `timeout`. */
  NOT_RUN: 125,
};

class Problem extends Error {
  /** @param {string} message @param {{usage?: boolean}} [kind] */
  constructor(message, { usage: ofUsage = false } = {}) {
    super(message);
    this.isUsage = ofUsage;
  }
}

/** A problem of the command line. */
const usage = (message) => new Problem(message, { usage: true });

let quiet = false;

/** Writes one line to standard error, which begins with the name of the program. */
function complain(message) {
  warn(`loopwire: ${message}\n`);
}

/** Writes to standard error. Where that is impossible, nobody can be told: the exit code has to do. */
function warn(text) {
  if (!quiet) process.stderr.on('error', () => {});
  quiet = true;
  try {
    process.stderr.write(text);
  } catch {
    // A file on a full disk: its stream throws.
  }
}

/**
 * Tells the user about an error, and returns the exit code. What the system refuses is a problem, too. Any other error
 * is a defect of ours: it is thrown, so that its stack is shown.
 *
 * @param {any} error
 * @param {number} [own] the exit code for all problems, of a command whose other codes are somebody else's
 * @param {string} [command] whose help says more about a wrong command line
 */
function report(error, own, command) {
  if (!(error instanceof Problem) && typeof error?.syscall !== 'string') throw error;
  complain(error.message);
  if (error.isUsage) complain(`see \`loopwire ${command ? `${command} ` : ''}--help\``);
  return own ?? (error.isUsage ? EXIT.USAGE : EXIT.FAILED);
}

module.exports = { EXIT, Problem, complain, report, usage, warn };
