// What is typed into full-screen programs while a connection breaks: programs that show what was lost or came twice.
'use strict';

const SAMPLE = 'café — 🎉 ─│';

const pick = (random, list) => list[Math.floor(random() * list.length)];

const lines = Array.from({ length: 200 }, (_, n) => `line ${n} of the file: ${SAMPLE}`);
const edits = (random) => [
  () => `o${SAMPLE} typed ${Math.floor(random() * 1e6)}\x1b`,
  () => 'A, and more 漢字\x1b',
  () => pick(random, ['yyp', 'dd', 'J', 'gg', 'G', '50%', 'x', '~', 'u']),
  () => pick(random, ['\x06', '\x02', '\x04', '\x15', '\x05', 'zz', 'zt']),
  () => `/${pick(random, ['line', '🎉', 'file', '1.'])}\r`,
  () => ':set invnumber\r',
  () => ':vsplit\r',
  () => ':only\r',
];

/** `last` writes the file, and then `end` is on the screen, `shown` too, and the file ends with `written`. */
const VIM = {
  /** @param {string} [options] more of them for `set` */
  command: (options = '') =>
    `exec vim -u NONE -i NONE -n -N -c "set number ruler showcmd hlsearch incsearch laststatus=2${options}" text.txt`,
  files: { 'text.txt': `${lines.join('\n')}\n` },
  ready: 'line 3 of',
  // Ctrl+L paints all again, so that there is always something to see.
  keys: (random) => `${pick(random, edits(random))()}\x1b\x0c`,
  last: `\x1b:only\rGo${SAMPLE} is the last line\x1b:w\r:echo "all " . "typed"\r`,
  end: 'all typed',
  shown: /café — 🎉 +─│ is the last line/,
  written: new RegExp(`\n${SAMPLE} is the last line\n$`),
  quit: ':q!\r',
};

const keys = ['\x1b[A', '\x1b[B', '\x1b[6~', '\x1b[5~', 'P', 'M', 'T', 't', 'I', 'H', '+'];
const HTOP = {
  command: 'exec htop -d 10',
  ready: 'F10',
  keys: (random) => `${pick(random, keys)}\x0c`,
  shown: /F1\w*Help/,
  quit: 'q',
};

module.exports = { HTOP, SAMPLE, VIM, pick };
