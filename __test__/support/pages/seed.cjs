// The text of the sandbox's page, where it lies beside this repository.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..', '..');
const NAME = path.join('shared', 'seeds', '004_f5f7d3be502f67c6.txt');

/** The file, beside the repository or beside the folder of its worktrees; `undefined` if there is none. */
const file = ['..', path.join('..', '..')]
  .map((up) => path.join(root, up, NAME))
  .find((name) => fs.existsSync(name));

/** The lines of the page behind the first line `after` up to the next line `before`. */
function between(after, before) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const begin = lines.indexOf(after);
  const end = lines.findIndex((line, n) => n > begin && line.startsWith(before));
  if (begin < 0 || end < 0) throw new Error(`the page has nothing between ${after} and ${before}`);
  return lines.slice(begin + 1, end).join('\n');
}

module.exports = { between, file };
