// The budget of instructions: how a profile is read, what is over its budget, and that every stage has one.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { each, measure, total } = require('../../bench/lib/budget/count.cjs');
const { isOver, judge, lines } = require('../../bench/lib/budget/judge.cjs');
const { needs } = require('../support/needs.cjs');

const file = require('../../bench/budget.json');
const stage = { title: 'a stage', per: 'event', budget: 1000 };

test('the instructions of a profile are its sum', () => {
  expect(total('version: 1\nevents: Ir\nfn=(1) main\n1 20\n2 300\n\ntotals: 320\n')).toBe(320);
  expect(total('events: Ir\nsummary: 7\n\nfn=(1) main\n1 7\n')).toBe(7);
  expect(() => total('version: 1\n')).toThrow('no sum');
});

test('one costs what a longer run costs more, however much both cost at the start', () => {
  const short = { instructions: 5_000_000 + 300 * 1000, done: 1000 };
  const long = { instructions: 5_000_000 + 300 * 2040, done: 2040 };
  expect(each(short, long)).toBe(300);
});

test.each([
  [1000, 'within'],
  [1049, 'within'],
  [1051, 'OVER'],
  [951, 'within'],
  [949, 'lower'],
])('%d instructions with a budget of 1,000 are %s', (instructions, verdict) => {
  const judged = judge({ stage }, { stage: instructions });
  expect(judged).toMatchObject([{ name: 'stage', instructions, budget: 1000, verdict }]);
  expect(isOver(judged)).toBe(verdict === 'OVER');
});

test('only what was counted is judged, and one stage over its budget is enough', () => {
  const judged = judge({ one: stage, two: stage, three: stage }, { one: 10, two: 1200 });
  expect(judged.map(({ name }) => name)).toEqual(['one', 'two']);
  expect(isOver(judged)).toBe(true);
});

test('the table names the stage, what it took, its budget and the difference', () => {
  const [, line] = lines(judge({ stage }, { stage: 12_345.4 }));
  expect(line.split(/\s{2,}/)).toEqual([
    'OVER',
    'a stage, per event',
    '12,345',
    '1,000',
    '1134.5 %',
  ]);
});

test('every stage has a budget, and every budget a stage', () => {
  const main = path.join(__dirname, '..', '..', 'bench', 'native', 'stages', 'src', 'main.rs');
  const text = fs.readFileSync(main, 'utf8');
  const stages = [...text.matchAll(/\["([a-z0-9-]+)", count\] =>/g)].map(([, name]) => name);
  expect(Object.keys(file.stages).toSorted()).toEqual(stages.toSorted());
  for (const { title, per, count, budget } of Object.values(file.stages)) {
    expect([typeof title, typeof per]).toEqual(['string', 'string']);
    expect(Math.min(count, budget)).toBeGreaterThan(1);
  }
});

needs('valgrind', 'sh').test(
  'counts a program twice, and takes what it says it has done',
  async () => {
    const folder = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'loopwire-budget-'));
    const program = path.join(folder, 'stage');
    try {
      // Twice the count is about twice the work, and it says that it has done half as much as it was told.
      const loop = 'n=0; while [ $n -lt $2 ]; do n=$((n + 1)); done; echo $((n / 2))';
      fs.writeFileSync(program, `#!/bin/sh\n${loop}\n`, { mode: 0o755 });
      const instructions = await measure(program, 'loop', 1000);
      expect(instructions).toBeGreaterThan(100);
      expect(instructions).toBeLessThan(100_000);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
  60_000,
);
