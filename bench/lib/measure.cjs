// Runs one subject of a row in a fresh process: its figures, or why there are none.
'use strict';
const { spawn } = require('node:child_process');
const path = require('node:path');
const paths = require('./paths.cjs');

/** A subject that takes longer has hung, unless its row says otherwise (`deadlineMs`). */
const DEADLINE_MS = 90_000;

/** The line of what was printed on standard error that says what happened. */
function said(errors) {
  const lines = errors.split('\n');
  return lines.find((line) => /\w*Error\b.*:/.test(line)) ?? lines.find((line) => line.trim());
}

/**
 * Why a process brought no figures. A process that was killed has said nothing of it: what is on its standard error then comes
 * from the clients that it left behind.
 */
function reason({ signal, errors, deadlineMs, late }) {
  if (late) return `no figures after ${deadlineMs / 1000} s`;
  const words = said(errors);
  if (signal)
    return words ? `ended by ${signal}; on standard error: ${words}` : `ended by ${signal}`;
  return words ?? 'ended without figures';
}

/** Runs a program that prints its figures as its last line; `{error}` says what went wrong. */
function measure(program, args, deadlineMs = DEADLINE_MS) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    let late = false;
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (errors += data));
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, deadlineMs);
    child.on('error', (error) => resolve({ error: error.message }));
    // Its clients have its standard error: this comes once they have ended, too.
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 && out.trim()) resolve(JSON.parse(out.trimEnd().split('\n').at(-1)));
      else resolve({ error: reason({ signal, errors, deadlineMs, late }) });
    });
  });
}

/** One subject of a row; `suite` is the folder of the row. */
function measureSubject(suite, row, name, quick) {
  const program = row.subjects[name].bun ? paths.bun() : process.execPath;
  const args = [path.join(__dirname, 'subject.cjs'), `${suite}/${row.name}`, name];
  return measure(program, quick ? [...args, '--quick'] : args, row.deadlineMs);
}

module.exports = { measure, measureSubject };
