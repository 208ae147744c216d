// The keys that end `loopwire attach` and leave the terminal running.
'use strict';

const { usage } = require('../problem.js');

/** As with docker: two keys that no program wants one after the other. */
const STANDARD = 'ctrl-p,ctrl-q';
/** More than anybody can type by mistake. */
const MOST_KEYS = 8;

/** The bytes of keys as docker writes them: `ctrl-p,ctrl-q`. */
function parse(text = STANDARD) {
  const keys = text.split(',');
  const bytes = keys.map((key) => {
    if (/^[\x21-\x7e]$/.test(key)) return key.charCodeAt(0);
    const [, letter] = /^ctrl-([a-zA-Z@[\\\]^_])$/.exec(key) ?? [];
    return letter === undefined ? NaN : letter.toUpperCase().charCodeAt(0) & 0x1f;
  });
  if (bytes.some(Number.isNaN) || keys.length > MOST_KEYS) {
    throw usage(
      `--detach-keys must be at most ${MOST_KEYS} keys with commas between: ctrl-LETTER or one character`,
    );
  }
  return bytes;
}

/** Looks for the keys in what is typed. What may be their beginning is held back until it is clear what it is. */
class DetachKeys {
  #keys;
  #matched = 0;

  constructor(text) {
    this.#keys = parse(text);
  }

  /** The bytes to pass on, and whether the keys were typed behind them. */
  pass(bytes) {
    const out = [];
    for (const byte of bytes) {
      while (this.#matched > 0 && byte !== this.#keys[this.#matched]) {
        // No key sequence begins inside of itself, but for repeated keys: one is given back, and the rest tried again.
        out.push(...this.#back());
      }
      if (byte !== this.#keys[this.#matched]) out.push(byte);
      else this.#matched += 1;
      if (this.#matched === this.#keys.length) return { bytes: Buffer.from(out), detach: true };
    }
    return { bytes: Buffer.from(out), detach: false };
  }

  /** Gives back the least that lets the rest still be a beginning. */
  #back() {
    const seen = this.#keys.slice(0, this.#matched);
    for (let given = 1; given <= seen.length; given += 1) {
      const rest = seen.slice(given);
      if (rest.every((key, at) => key === this.#keys[at])) {
        this.#matched = rest.length;
        return seen.slice(0, given);
      }
    }
    return [];
  }
}

module.exports = { DetachKeys };
