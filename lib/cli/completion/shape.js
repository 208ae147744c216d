// What a shell completes: the commands, their options, and what the values of the options are.
'use strict';

const { COMMANDS, GLOBAL } = require('../commands.js');

/** Values that are names of files or directories. */
const KINDS = { FILE: 'file', DIR: 'directory' };
/** Directories that are not on this machine. */
const ELSEWHERE = new Set(['cwd']);

const options = (table) =>
  Object.entries(table).map(([name, { short, value, help }]) => ({
    name: `--${name}`,
    short: short && `-${short}`,
    help,
    value: value && ((!ELSEWHERE.has(name) && KINDS[value]) || 'other'),
  }));

/** One row per command: `words` are those that may follow. */
function shape() {
  const names = Object.keys(COMMANDS);
  const commands = Object.entries(COMMANDS).map(
    ([name, { summary, words = [], options: table }]) => ({
      name,
      summary,
      words,
      options: options(table),
    }),
  );
  const help = { name: 'help', summary: 'the help of a command', words: names, options: [] };
  return { commands: [...commands, help], global: options(GLOBAL) };
}

/** All spellings of the options of that kind. */
const spellings = (list, kind) =>
  list
    .filter(({ value }) => value === kind)
    .flatMap(({ name, short }) => [name, ...(short ? [short] : [])]);

/** The branches of a `case` over the word before: what completes the value of that option, by its kind. */
const branches = (list, fill) =>
  Object.entries(fill)
    .map(([kind, line]) => [spellings(list, kind), line])
    .filter(([all]) => all.length > 0)
    .map(([all, line]) => `        ${all.join('|')}) ${line}; return ;;\n`)
    .join('');

module.exports = { branches, shape };
