// A problem: an error that the user can correct, in one sentence, with the exit code of the process.
'use strict';

/** The exit codes. */
const EXIT = { OK: 0, FAILED: 1, USAGE: 2 };

class Problem extends Error {
  constructor(message, code = EXIT.FAILED) {
    super(message);
    this.exitCode = code;
  }
}

/** A problem of the command line. */
const usage = (message) => new Problem(message, EXIT.USAGE);

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
 */
function report(error) {
  if (!(error instanceof Problem) && typeof error?.syscall !== 'string') throw error;
  const { exitCode = EXIT.FAILED } = error;
  complain(error.message);
  if (exitCode === EXIT.USAGE) complain('see `loopwire --help`');
  return exitCode;
}

module.exports = { EXIT, Problem, complain, report, usage, warn };
