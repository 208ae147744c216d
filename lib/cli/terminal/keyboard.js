// The terminal that this program runs in: raw mode, its size, and the way back to how it was.
'use strict';

const { spawnSync } = require('node:child_process');

const CTRL_C = 3;

/** What was changed, and has to be set back whatever happens. */
let raw = false;

process.on('exit', restore);

function isTerminal() {
  return process.stdin.isTTY === true;
}

/** Every key goes to the remote program, Ctrl+C too. Does nothing where standard input is no terminal. */
function makeRaw() {
  if (raw || !isTerminal()) return;
  process.stdin.setRawMode(true);
  raw = true;
  // Node's raw mode still makes CR LF of LF, which moves the cursor of a full-screen program to the wrong column. What Node
  // sets back later is what was set before both. Without stty, lines look right, and full-screen programs may not.
  if (process.platform !== 'win32') {
    spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  }
}

function restore() {
  if (!raw) return;
  raw = false;
  try {
    process.stdin.setRawMode(false);
  } catch {
    // The terminal is gone.
  }
}

/** The size of the screen, if there is one. */
function size() {
  const { columns, rows } = process.stdout.isTTY ? process.stdout : process.stderr;
  return columns > 0 && rows > 0 ? { cols: columns, rows } : undefined;
}

function onResize(act) {
  const screen = process.stdout.isTTY ? process.stdout : process.stderr;
  screen.on?.('resize', () => {
    const now = size();
    if (now) act(now);
  });
}

/** Writes a line for a person, also into a terminal in raw mode. */
function note(text, { isAway = false } = {}) {
  if (!process.stderr.isTTY) return;
  const end = raw ? '\r\n' : '\n';
  const way = raw && isAway ? ' (Ctrl+C gives up)' : '';
  process.stderr.write(`${raw ? '\r\n' : ''}loopwire: ${text}${way}${end}`);
}

/** Whether these keys give up a connection that is lost. While there is one, Ctrl+C goes to the remote program. */
const givesUp = (remote, keys) => raw && remote.isAway && keys.includes(CTRL_C);

module.exports = { givesUp, isTerminal, makeRaw, note, onResize, restore, size };
