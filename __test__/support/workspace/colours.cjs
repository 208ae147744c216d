// A program for a terminal: a picture of everything a screen can do, one more for each line of input, until `end`.
'use strict';

const { numbers } = require('../random.cjs');

const random = numbers(Number(process.argv[2]));
const [cols, rows] = [80, 24];
const upTo = (most) => Math.floor(random() * most);
const pick = (list) => list[upTo(list.length)];

const WORDS = [
  'café — 🎉 ─│',
  '漢字かな',
  'e\u0301a\u0308',
  '한글',
  'plain',
  '┌─┬─┐',
  '🎉🎉',
  'ﬁn',
  '…',
];

/** Each is a way to change what is there; the last ones move what others have painted. */
const ACTS = [
  () => `\x1b[38;5;${upTo(256)}m`,
  () => `\x1b[48;5;${upTo(256)}m`,
  () => `\x1b[38;2;${upTo(256)};${upTo(256)};${upTo(256)}m`,
  () => `\x1b[${pick([0, 1, 2, 3, 4, 5, 7, 8, 9, 22, 24, 27, 39, 49, 53, 91, 104])}m`,
  () => `\x1b[${1 + upTo(rows)};${1 + upTo(cols)}H`,
  () => `\x1b[${1 + upTo(5)}${pick(['A', 'B', 'C', 'D', 'E', 'F'])}`,
  () => pick(WORDS),
  () => pick(WORDS),
  () => pick(['\r\n', '\t', '\b', '\x1bM', '\x1b7', '\x1b8']),
  () => `\x1b[${pick(['', '1', '2'])}K`,
  () => `\x1b[${1 + upTo(4)}${pick(['@', 'P', 'X', 'L', 'M', 'S', 'T'])}`,
  () => `\x1b[${1 + upTo(8)};${12 + upTo(12)}r`,
  () => `\x1b]0;${pick(WORDS)}\x07`,
  () =>
    pick([
      '\x1b(0lqqk\x1b(B',
      '\x1b[?25l',
      '\x1b[?25h',
      '\x1b[4h',
      '\x1b[4l',
      '\x1b[?7l',
      '\x1b[?7h',
    ]),
];

/** @param {number} acts */
function picture(acts) {
  return Array.from({ length: acts }, () => pick(ACTS)()).join('');
}

/** All 256 colours, and a last line that a test can wait for. */
function last() {
  const all = Array.from(
    { length: 256 },
    (_, n) => `\x1b[48;5;${n}m\x1b[38;5;${255 - n}m${n % 10}`,
  );
  return `\x1b[?7h\x1b[4l\x1b[r\x1b[0m\x1b[2J\x1b[H${all.join('')}\x1b[0m\r\ncafé — 🎉 ─│ the end`;
}

process.stdin.setRawMode(true);
process.stdout.write('ready');
process.stdin.setEncoding('utf8').on('data', (typed) => {
  for (const key of typed) {
    if (key === 'q') process.stdout.write(last(), () => process.exit(7));
    else process.stdout.write(picture(400));
  }
});
