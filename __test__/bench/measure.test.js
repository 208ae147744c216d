// One subject of a benchmark in a process of its own: its figures, or the reason why there are none.
'use strict';

const { measure } = require('../../bench/lib/measure.cjs');

/** A subject that is this text. @param {string} code @param {number} [deadlineMs] */
const run = (code, deadlineMs) => measure(process.execPath, ['-e', code], deadlineMs);
/** A client that outlives its subject for a moment, and then finds nobody to tell. */
const client = `require('node:child_process').spawn(process.execPath, ['-e',
  'process.stdin.on("end", () => console.error("failed printing")).resume()'], { stdio: ['pipe', 'ignore', 'inherit'] })`;

test('the figures are the last line', async () => {
  expect(await run('console.log("a word"); console.log(JSON.stringify({ rate: 3 }))')).toEqual({
    rate: 3,
  });
});

test('an error that was thrown is the reason', async () => {
  expect(await run('throw new Error("99 of 100 events")')).toEqual({
    error: 'Error: 99 of 100 events',
  });
});

test('a subject that takes too long is said to, whatever its client prints then', async () => {
  expect(await run(`${client}; setInterval(() => {}, 1e6)`, 1000)).toEqual({
    error: 'no figures after 1 s',
  });
});

test('a subject that was killed is said to, apart from what its client prints then', async () => {
  const { error } = await run(
    `${client}.once('spawn', () => process.kill(process.pid, 'SIGKILL'))`,
  );
  expect(error).toBe('ended by SIGKILL; on standard error: failed printing');
});

test('a subject that says nothing has no figures', async () => {
  expect(await run('')).toEqual({ error: 'ended without figures' });
});
