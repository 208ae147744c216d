// The pictures of the benchmarks.
'use strict';

const { pictures } = require('../../bench/lib/plot/pictures.cjs');
const { count, decades, logarithmic, powers } = require('../../bench/lib/plot/scale.cjs');

// Of every curve, with odd points: from a debug build on a busy machine, so they tell nothing of speed.
const figures = require('../support/bench/figures.json');

test('a picture says what it shows and on which machine, and has a line for each subject', () => {
  const [{ svg }] = pictures(figures);
  for (const part of [figures.machine.cpu, figures.machine.node, figures.machine.date.slice(0, 10)])
    expect(svg).toContain(part);
  for (const part of [
    'prefers-color-scheme:dark',
    'Loopwire',
    'napi-rs thread-safe call',
    '64 KiB',
  ])
    expect(svg).toContain(part);
});

test('text of a run cannot become part of the picture', () => {
  const machine = { ...figures.machine, cpu: '<script>"&' };
  const [{ svg }] = pictures({ ...figures, machine });
  expect(svg).toContain('&lt;script&gt;&quot;&amp;');
  expect(svg).not.toContain('<script>');
});

test('a point that was not measured is left out, and a curve without one says so', () => {
  const rows = structuredClone(figures.rows);
  delete rows['size-callback'].medians.loopwire['rate@16'];
  rows['size-client'].medians = {};
  const [{ svg }] = pictures({ ...figures, rows });
  expect(svg).toContain('not measured');
  expect(svg).not.toMatch(/NaN|undefined/);
});

test('an axis goes from decade to decade, and equal ratios are equally far apart', () => {
  expect(decades([3, 1000])).toEqual([1, 1000]);
  expect(decades([5, 5])).toEqual([1, 10]);
  expect(powers([0.1, 100])).toEqual([0.1, 1, 10, 100]);
  const place = logarithmic([1, 1000], [0, 300]);
  expect([1, 10, 100, 1000].map(place)).toEqual([0, 100, 200, 300]);
  expect([0.1, 5, 1500, 2_000_000].map(count)).toEqual(['0.1', '5', '1.5k', '2M']);
});
