// A table for people: aligned columns.
'use strict';

/** What a terminal would obey, and what reverses or hides text. */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const all = [head, ...rows.map((row) => row.map((cell) => cell.replace(UNSAFE, '?')))];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at].length)));
  const line = (row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

module.exports = { table };
