// Writes a run's pictures, and the figures that they are made of, into a folder.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { pictures } = require('./pictures.cjs');

const FIGURES = 'figures.json';

/** What pictures and tables need of a run, in fewer digits: it is committed beside them. */
function kept({ machine, rounds, rows }) {
  const short = Object.entries(rows).map(([name, row]) => {
    const { suite, points, title, columns, subjects, medians, least, greatest } = row;
    const more = points ? { points } : { columns };
    return [name, { suite, title, ...more, subjects, medians, least, greatest }];
  });
  const figures = { machine, rounds, rows: Object.fromEntries(short) };
  return JSON.parse(JSON.stringify(figures), (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value,
  );
}

/** Draws what a run with `--json`, or `figures.json` of an earlier run, has measured. */
function draw(run, folder) {
  const figures = kept(run);
  const made = pictures(figures);
  if (made.length === 0) throw new Error('no figures of the suite `plots` are in it');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, FIGURES), `${JSON.stringify(figures, null, 2)}\n`);
  for (const { file, svg } of made) {
    fs.writeFileSync(path.join(folder, file), svg);
    console.log(path.join(folder, file));
  }
}

module.exports = { FIGURES, draw };
