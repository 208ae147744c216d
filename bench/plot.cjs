// Makes the pictures and the tables of earlier runs again: `node bench/plot.cjs FILE.json… FOLDER [PAGE.md]`.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { FIGURES, draw } = require('./lib/plot/draw.cjs');
const { merge } = require('./lib/runs.cjs');
const { fill } = require('./lib/tables.cjs');

const files = process.argv.slice(2);
const page = files.at(-1)?.endsWith('.md') ? files.pop() : undefined;
const folder = files.pop();
if (files.length === 0) {
  console.error('node bench/plot.cjs FILE.json… FOLDER [PAGE.md]');
  process.exitCode = 1;
} else {
  draw(merge(files.map((file) => JSON.parse(fs.readFileSync(file, 'utf8')))), folder);
  if (page) {
    const figures = JSON.parse(fs.readFileSync(path.join(folder, FIGURES), 'utf8'));
    fs.writeFileSync(page, fill(fs.readFileSync(page, 'utf8'), figures));
    console.log(page);
  }
}
