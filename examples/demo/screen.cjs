// The demo's screen: titles, remarks, and two streams side by side, in colour where somebody looks.
'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** @typedef {{at: number, text: string} | undefined} Cell an event and when it came; nothing if it did not */

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };
/** @typedef {keyof typeof CODES} Colour */

/** @type {Record<string, Colour>} */
const EVENT_COLOURS = {
  forwardListCompleted: 'green',
  portStateUpdate: 'cyan',
  proxyError: 'red',
  portRemoved: 'yellow',
  settingPortChange: 'magenta',
};

// How long a title stands alone on a terminal, for somebody to read it.
const BREATH_MS = 700;
const NARROWEST = 60;
const WIDEST = 160;
// What a file or a pipe gets: it has no width of its own.
const PLAIN_WIDTH = 120;

/** @param {NodeJS.WriteStream} out */
function wantsColour(out) {
  // As Node's own: FORCE_COLOR beats NO_COLOR.
  const { FORCE_COLOR } = process.env;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return out.isTTY === true && out.hasColors();
}

/** @param {string} text @param {number} width @returns {string[]} */
function wrap(text, width) {
  const lines = [];
  let rest = text;
  while (rest.length > width) {
    // At a space or behind a colon or @, if there is one not too far left.
    const at = Math.max(...[' ', ':', '@'].map((mark) => rest.lastIndexOf(mark, width - 1) + 1));
    const cut = at > width / 3 ? at : width;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...lines, rest];
}

class Screen {
  #out;
  #colour;
  #begun = Date.now();

  /** @param {NodeJS.WriteStream} [out] */
  constructor(out = process.stdout) {
    this.#out = out;
    this.#colour = wantsColour(out);
    // Somebody piped us into `head` and has seen enough.
    out.on('error', () => {});
  }

  get #width() {
    const columns = this.#out.columns ?? (Number(process.env.COLUMNS) || PLAIN_WIDTH);
    return Math.min(WIDEST, Math.max(NARROWEST, columns));
  }

  /** The line between left and right. A file gets plain characters. */
  get #bar() {
    return this.#out.isTTY ? '│' : '|';
  }

  now() {
    return Date.now() - this.#begun;
  }

  /** @param {string} [text] */
  #line(text = '') {
    this.#out.write(`${text}\n`);
  }

  /** @param {Colour[]} colours @param {string} text */
  #paint(colours, text) {
    if (!this.#colour || text === '') return text;
    const codes = colours.map((colour) => CODES[colour]).join(';');
    return `\x1b[${codes}m${text}\x1b[0m`;
  }

  /** What is about to happen. @param {string} title @param {string[]} about */
  async title(title, ...about) {
    this.#line();
    for (const line of wrap(title, this.#width)) this.#line(this.#paint(['bold', 'blue'], line));
    for (const text of about) {
      for (const line of wrap(text, this.#width)) this.#line(this.#paint(['dim'], line));
    }
    if (this.#out.isTTY) await sleep(BREATH_MS);
  }

  /** Names both columns. @param {string} left @param {string} right */
  columns(left, right) {
    const [half, rest] = this.#halves();
    const rule = this.#out.isTTY ? '─' : '-';
    const cross = this.#out.isTTY ? '┼' : '+';
    this.#line();
    this.#line(
      `${this.#paint(['bold'], left.padEnd(half))} ${this.#bar} ${this.#paint(['bold'], right)}`,
    );
    this.#line(this.#paint(['dim'], rule.repeat(half + 1) + cross + rule.repeat(rest + 1)));
  }

  #halves() {
    const room = this.#width - 3;
    return [Math.floor(room / 2), Math.floor(room / 2)];
  }

  /** One event at both sides, or at one of them. @param {Cell} left @param {Cell} right */
  row(left, right) {
    const [half, rest] = this.#halves();
    const [from, to] = [this.#cell(left, half), this.#cell(right, rest)];
    for (let line = 0; line < Math.max(from.length, to.length); line += 1) {
      const { plain, shown } = from[line] ?? { plain: '', shown: '' };
      const gap = ' '.repeat(Math.max(0, half - plain.length));
      const bar = this.#paint(['dim'], this.#bar);
      this.#line(`${shown}${gap} ${bar} ${to[line]?.shown ?? ''}`.trimEnd());
    }
  }

  /** @param {Cell} cell @param {number} width */
  #cell(cell, width) {
    if (!cell) return [];
    const time = `${(cell.at / 1000).toFixed(3).padStart(7)}  `;
    const { type, payload, data } = JSON.parse(cell.text);
    const words = [type, payload ?? (data && JSON.stringify(data)) ?? ''].join(' ').trimEnd();
    const colour = EVENT_COLOURS[type] ?? 'yellow';
    return wrap(words, width - time.length).map((line, index) => {
      const start = index === 0 ? time : ' '.repeat(time.length);
      const name = index === 0 ? line.slice(0, type.length) : '';
      const painted = this.#paint([colour], name) + line.slice(name.length);
      return { plain: start + line, shown: this.#paint(['dim'], start) + painted };
    });
  }

  /** What the demo does or finds. @param {string} text @param {Colour} [colour] */
  remark(text, colour) {
    const mark = this.#out.isTTY ? '›' : '>';
    wrap(text, this.#width - 4).forEach((line, index) => {
      const start = index === 0 ? `  ${mark} ` : '    ';
      this.#line(start + (colour ? this.#paint([colour], line) : line));
    });
  }

  /** Something to copy: never broken. @param {string} text */
  verbatim(text) {
    this.#line(`  ${this.#paint(['bold', 'green'], text)}`);
  }
}

module.exports = { Screen };
