// The tables of docs/c-api.md have what the header of the C library has, and nothing else.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { root } = require('../support/documents/markdown.cjs');

const text = fs.readFileSync(path.join(root, 'docs', 'c-api.md'), 'utf8');
const header = fs
  .readFileSync(path.join(root, 'crates', 'capi', 'include', 'loopwire.h'), 'utf8')
  .replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');

/** The names of the header's functions: a declaration begins with a type, and ends with a bracket. */
const functions = [...header.matchAll(/^(?!typedef)[A-Za-z][\w ]*[ *](\w+)\([^()]*\);/gm)].map(
  ([, name]) => name,
);

/** The rows of the tables that begin with this heading, cell by cell. */
function rows(heading) {
  const tables = text.split(`\n| ${heading} |`).slice(1);
  expect(tables).not.toEqual([]);
  return tables.flatMap((rest) =>
    rest
      .split('\n\n')[0]
      .trimEnd()
      .split('\n')
      .slice(2)
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
}

/** What stands in backticks. */
const quoted = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

test('the header has functions of both kinds', () => {
  expect(functions).toEqual(expect.arrayContaining(['CreateWithId', 'loopwire_runtime_new']));
  expect(new Set(functions).size).toBe(functions.length);
});

test('the table of functions without a handle has each of them, its twin, and that of the package', () => {
  const table = rows('function without a handle').map((cells) => cells.map(quoted));
  expect(table.flatMap(([names]) => names).sort()).toEqual(
    functions.filter((name) => !name.startsWith('loopwire_')).sort(),
  );
  for (const [names, twins, exports] of table) {
    expect(functions).toEqual(expect.arrayContaining(twins));
    const missing = exports.filter((name) => typeof loopwire[name] !== 'function');
    expect([names, missing]).toEqual([names, []]);
  }
});

test('the tables have each function with a handle', () => {
  const names = rows('function with a handle').flatMap(([cell]) => quoted(cell));
  expect(new Set(names).size).toBe(names.length);
  // Those that have a twin without a handle stand beside it, and only there, but for a few.
  const twins = rows('function without a handle').flatMap(([, cell]) => quoted(cell));
  expect([...new Set([...names, ...twins])].sort()).toEqual(
    functions.filter((name) => name.startsWith('loopwire_')).sort(),
  );
});

test('the table of results has each of them with its number', () => {
  const [, members] = /enum loopwire_result[^{]*\{([^}]*)\}/.exec(header);
  const numbers = [...members.matchAll(/(\w+) = (\d+)/g)].map(([, name, number]) => [name, number]);
  const table = rows('result').map(([name, number]) => [quoted(name)[0], number]);
  expect(table).toEqual(numbers);
});
