// Draws the pictures of an earlier run again: `node bench/plot.cjs FILE.json FOLDER`.
'use strict';
const fs = require('node:fs');
const { draw } = require('./lib/plot/draw.cjs');

const [file, folder] = process.argv.slice(2);
if (!file || !folder) {
  console.error('node bench/plot.cjs FILE.json FOLDER');
  process.exitCode = 1;
} else {
  draw(JSON.parse(fs.readFileSync(file, 'utf8')), folder);
}
