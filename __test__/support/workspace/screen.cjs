// A screen: xterm.js without a window, and everything that is visible on it.
'use strict';

const path = require('node:path');
const { tool } = require('../needs.cjs');

/**
 * Everything, one line of text for each row: two screens show the same if these are equal. It stands alone, so that a page can have
 * its text.
 */
function pictureOf(terminal) {
  // What a cell has besides its character and its colours.
  const flagNames = [
    'isBold',
    'isItalic',
    'isDim',
    'isUnderline',
    'isBlink',
    'isInverse',
    'isInvisible',
    'isStrikethrough',
    'isOverline',
  ];
  const { active } = terminal.buffer;
  const { cursorX, cursorY, baseY, type } = active;
  const rows = Array.from({ length: active.length }, (_, y) => {
    const line = active.getLine(y);
    const cells = [];
    for (let x = 0; x < line.length; x += 1) {
      const cell = line.getCell(x);
      const flags = flagNames.map((flag) => (cell[flag]() ? '1' : '0')).join('');
      const front = `${cell.getFgColorMode().toString(16)}:${cell.getFgColor().toString(16)}`;
      const back = `${cell.getBgColorMode().toString(16)}:${cell.getBgColor().toString(16)}`;
      cells.push(`${cell.getChars()}/${cell.getWidth()}/${front}/${back}/${flags}`);
    }
    return `${line.isWrapped ? '>' : ''}${cells.join(' ')}`;
  });
  const modes = JSON.stringify(terminal.modes);
  return [`${type} buffer, cursor ${cursorX},${cursorY} of ${baseY}`, modes, ...rows];
}

class Screen {
  /** What the window is called. */
  title = '';
  #terminal;

  /** @param {{cols: number, rows: number, answer?: (text: string) => void}} options `answer` gets what a screen says of itself when a program asks */
  constructor({ cols, rows, answer }) {
    const { Terminal } = require(path.join(tool('xterm'), 'lib-headless', 'xterm-headless.js'));
    this.#terminal = new Terminal({ cols, rows, scrollback: 200, allowProposedApi: true });
    if (answer) this.#terminal.onData(answer);
    this.#terminal.onTitleChange((title) => (this.title = title));
  }

  /** The terminal of xterm.js itself. */
  get xterm() {
    return this.#terminal;
  }

  get modes() {
    return { ...this.#terminal.modes };
  }

  /** `normal` or `alternate`. */
  get buffer() {
    return this.#terminal.buffer.active.type;
  }

  /** Resolves once it is on the screen. @param {string | Uint8Array} data */
  write(data) {
    return new Promise((resolve) => this.#terminal.write(data, resolve));
  }

  /** The lines as a person reads them, with what has scrolled away. */
  get text() {
    const { active } = this.#terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, y) => active.getLine(y));
    return lines.map((line) => line.translateToString(true)).join('\n');
  }

  /** Two screens show the same if these are equal. */
  get picture() {
    return pictureOf(this.#terminal);
  }
}

module.exports = { Screen, pictureOf };
