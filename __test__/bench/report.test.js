// What `--json` says of a row, as bench/README.md has it.
'use strict';

const { report } = require('../../bench/lib/report.cjs');
const { curve } = require('../../bench/lib/plot/curve.cjs');

const row = {
  name: 'drain',
  title: 'draining',
  base: 'ws',
  columns: [
    { key: 'rate', title: 'M events/s' },
    { key: 'mbs', title: 'MB/s' },
  ],
  subjects: { ws: { title: '`ws`' }, loopwire: { title: 'Loopwire' }, none: { title: 'not here' } },
  goals: [{ of: 'loopwire', key: 'rate', against: 'ws', atLeast: 3, worst: 2 }],
};
const rounds = [
  { ws: { rate: 1, mbs: 10 }, loopwire: { rate: 4, mbs: 40 } },
  { ws: { rate: 2, mbs: 20 }, loopwire: { rate: 6, mbs: 60 } },
  { ws: { rate: 3, mbs: 30 }, loopwire: { error: 'the client was refused' } },
];

test('has medians, least, greatest, the ratio to the 1×, goals and every round', () => {
  const { figures } = report(row, rounds);
  expect(figures).toEqual({
    title: 'draining',
    base: 'ws',
    points: undefined,
    columns: { rate: 'M events/s', mbs: 'MB/s' },
    subjects: { ws: '`ws`', loopwire: 'Loopwire', none: 'not here' },
    medians: { ws: { rate: 2, mbs: 20 }, loopwire: { rate: 5, mbs: 50 } },
    least: { ws: { rate: 1, mbs: 10 }, loopwire: { rate: 4, mbs: 40 } },
    greatest: { ws: { rate: 3, mbs: 30 }, loopwire: { rate: 6, mbs: 60 } },
    ratios: { ws: 1, loopwire: 2.5 },
    goals: [{ ...row.goals[0], value: 2.5, worstRound: 3, verdict: 'MISSED' }],
    rounds,
  });
});

test('a round that failed is told with its reason', () => {
  const { lines } = report(row, rounds);
  expect(lines.join('\n')).toContain('Loopwire (1 rounds failed: the client was refused)');
});

const sizes = async () =>
  new Map([
    [16, { rate: 5 }],
    [64, { rate: 4 }],
  ]);

test('a curve has a column for each quantity at each point', async () => {
  const quantities = [{ key: 'rate', title: 'events/s' }];
  const subjects = { ws: { title: '`ws`', run: sizes } };
  const made = curve({
    name: 'size',
    title: 'sizes',
    base: 'ws',
    points: [16, 64],
    quantities,
    subjects,
  });
  const figures = await made.subjects.ws.run({});
  expect(figures).toEqual({ 'rate@16': 5, 'rate@64': 4 });
  const { figures: kept, lines } = report(made, [{ ws: figures }, { ws: { error: 'it hung' } }]);
  expect(kept).toMatchObject({ points: [16, 64], medians: { ws: figures } });
  expect(lines).toEqual([
    '\nsize: sizes',
    '  `ws`: failed: it hung',
    '  `ws`, events/s',
    '    16: 5.00   64: 4.00',
  ]);
});
