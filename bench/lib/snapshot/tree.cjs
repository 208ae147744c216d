// A tree of source files, the edits of an afternoon, and what a directory takes on the disk.
'use strict';
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** Files of one directory, and their average size: those of source trees. */
const FILES_A_DIRECTORY = 100;
const BYTES = 4096;

/** An hour ago: git has to read a file again that has changed in the second in which it looked at it. */
const BEFORE = new Date(Date.now() - 3_600_000);

const name = (n) =>
  path.join(`dir-${Math.floor(n / FILES_A_DIRECTORY)}`, `file-${n % FILES_A_DIRECTORY}.txt`);

/** Distinct text of 0.5 to 1.5 times the average, that compresses about as source does. */
function text(n, edition = 0) {
  const size = BYTES / 2 + ((n * 2654435761) % BYTES);
  const word = createHash('sha256').update(`${n}/${edition}`).digest('hex');
  let lines = '';
  for (let line = 0; lines.length < size; line++)
    lines += `  const value${line} = f('${word.slice(line % 32, (line % 32) + 24)}', ${n * line}); // as before\n`;
  return lines;
}

function tree(root, files) {
  for (let n = 0; n < files; n++) {
    const file = path.join(root, name(n));
    if (n % FILES_A_DIRECTORY === 0) fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text(n));
    fs.utimesSync(file, BEFORE, BEFORE);
  }
}

function edit(root, files, edits) {
  for (let n = 0; n < edits; n++) {
    const one = Math.floor((n * files) / edits);
    fs.writeFileSync(path.join(root, name(one)), text(one, 1));
  }
}

/** Whether a file has its first contents. */
const isFirst = (root, n) => fs.readFileSync(path.join(root, name(n)), 'utf8') === text(n);

/** KiB on the disk. */
const disk = (place) =>
  Number(execFileSync('du', ['-sk', place], { encoding: 'utf8' }).split('\t')[0]);

/** Makes a place for both, and removes it when the work is done. */
async function inPlace(work) {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-bench-'));
  try {
    const root = path.join(place, 'tree');
    const home = path.join(place, 'home');
    fs.mkdirSync(root);
    fs.mkdirSync(home);
    return await work(fs.realpathSync(root), home);
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

module.exports = { disk, edit, inPlace, isFirst, tree };
