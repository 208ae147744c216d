// A table for people: aligned columns.
'use strict';

const { UNSAFE } = require('./output/unsafe.js');

/** A table whose rows come one after the other: a cell that is wider than its column pushes the others of its row aside. */
class Table {
  #head;
  #widths;

  /** @param {string[]} head @param {number[]} [least] how wide the columns are at least */
  constructor(head, least = []) {
    this.#head = head;
    this.#widths = head.map((cell, at) => Math.max(cell.length, least[at] ?? 0));
  }

  head() {
    return this.row(this.#head);
  }

  /** @param {string[]} cells */
  row(cells) {
    return cells
      .map((cell, at) => safe(cell).padEnd(this.#widths[at]))
      .join('  ')
      .trimEnd();
  }
}

const safe = (cell) => cell.replace(UNSAFE, '?');

/** The whole table. @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const widths = head.map((_, at) => Math.max(0, ...rows.map((row) => row[at].length)));
  const all = new Table(head, widths);
  return [all.head(), ...rows.map((row) => all.row(row))].join('\n');
}

module.exports = { Table, table };
