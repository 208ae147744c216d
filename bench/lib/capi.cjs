// The C library's own side: a program of C, which does all of a subject and prints its figures.
'use strict';
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const paths = require('./paths.cjs');

/** The figures of a row of `bench/c/bench.c`, for so many events or calls. */
async function run(row, subject, count) {
  const { stdout } = await promisify(execFile)(paths.capi, [row, subject, String(count)]);
  return JSON.parse(stdout);
}

/** A subject that is such a program. */
function program(title, row, subject, count) {
  return { title, program: true, run: ({ of }) => run(row, subject, of(count)) };
}

module.exports = { program };
