// A problem: what a person has to change, in one sentence, and the code that the process ends with.
'use strict';

/** The exit codes. */
const EXIT = { OK: 0, FAILED: 1, USAGE: 2 };

class Problem extends Error {
  constructor(message, code = EXIT.FAILED) {
    super(message);
    this.exitCode = code;
  }
}

/** A problem with what was typed. */
const usage = (message) => new Problem(message, EXIT.USAGE);

/** Writes to standard error, one line, with the name of the program in front. */
function complain(message) {
  process.stderr.write(`loopwire: ${message}\n`);
}

module.exports = { EXIT, Problem, complain, usage };
