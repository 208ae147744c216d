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

/** Writes one line to standard error, which begins with the name of the program. */
function complain(message) {
  process.stderr.write(`loopwire: ${message}\n`);
}

module.exports = { EXIT, Problem, complain, usage };
