// The page with the figures, and what it is made of.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pictures } = require('../../bench/lib/plot/pictures.cjs');
const { merge } = require('../../bench/lib/runs.cjs');
const { fill } = require('../../bench/lib/tables.cjs');

const root = path.join(__dirname, '..', '..');
const folder = path.join(root, 'docs', 'images', 'bench');
const figures = () => JSON.parse(fs.readFileSync(path.join(folder, 'figures.json'), 'utf8'));

test('docs/speed.md has the figures that are committed beside its pictures', () => {
  const page = fs.readFileSync(path.join(root, 'docs', 'speed.md'), 'utf8');
  expect(fill(page, figures())).toBe(page);
});

test('the pictures are made of the figures beside them', () => {
  const made = pictures(figures());
  expect(made.map(({ file }) => file)).toEqual(['throughput.svg', 'latency.svg', 'cost.svg']);
  for (const { file, svg } of made)
    expect(fs.readFileSync(path.join(folder, file), 'utf8')).toBe(svg);
});

test('no two rows have one name, whatever their suites: figures are found by it', () => {
  const rows = path.join(root, 'bench', 'rows');
  const files = fs.readdirSync(rows, { recursive: true }).filter((file) => file.endsWith('.cjs'));
  const names = files.map((file) => require(path.join(rows, file)).name);
  expect(names).toEqual(files.map((file) => path.basename(file, '.cjs')));
  expect(new Set(names).size).toBe(names.length);
});

const run = (change, rows) => ({
  machine: {
    cpu: 'one',
    cores: 2,
    kernel: 'k',
    node: 'n',
    rustc: 'r',
    date: '1',
    load: '1',
    ...change,
  },
  rounds: 3,
  rows,
});

test('runs of one machine are one, with the load before the first and behind the last', () => {
  const first = run({ bun: '1', loadAfter: '2' }, { drain: 1 });
  const last = run({ git: '2', date: '2', load: '3', loadAfter: '4' }, { ports: 2 });
  const { machine, rows } = merge([first, last]);
  expect(machine).toMatchObject({ bun: '1', git: '2', date: '1', load: '1', loadAfter: '4' });
  expect(rows).toEqual({ drain: 1, ports: 2 });
});

test('runs of two machines, or of other numbers of rounds, are not put side by side', () => {
  const first = run({}, {});
  expect(() => merge([first, run({ cpu: 'another' }, {})])).toThrow('one machine: cpu');
  expect(() => merge([first, { ...first, rounds: 5 }])).toThrow('rounds');
});
