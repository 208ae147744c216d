// Prints an event: unchanged for programs, readable for people.
'use strict';

const { usage } = require('../problem.js');
const { UNSAFE } = require('./unsafe.js');

const STYLES = { dim: 2, red: 31, cyan: 36 };
/** Types of events that report errors. */
const WRONG = /^(fault|error|proxyError|httpError|.*:error)$/;

const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
const safe = (text) => text.replace(UNSAFE, escaped);
const pad = (number, width = 2) => String(number).padStart(width, '0');

function clock(date) {
  const seconds = `${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${seconds}`;
}

/**
 * The style: from the options, otherwise from the kind of output.
 *
 * @param {Record<string, any>} values
 * @param {boolean} isTerminal
 */
function look(values, isTerminal, env = process.env) {
  if (values.json && values.pretty) throw usage('--json and --pretty exclude each other');
  const pretty = values.pretty ?? (isTerminal && !values.json);
  // NO_COLOR counts if it is not empty (no-color.org); FORCE_COLOR=0 means the same, as in Node.
  const none = values['no-color'] || Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  const forced = Boolean(env.FORCE_COLOR) && !['0', 'false'].includes(env.FORCE_COLOR);
  return { pretty: Boolean(pretty), color: Boolean(pretty) && !none && (forced || isTerminal) };
}

class Printer {
  #color;

  constructor({ pretty, color }) {
    this.pretty = pretty;
    this.#color = color;
  }

  #paint(style, text) {
    return this.#color ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }

  /** One event, given as its JSON text, as a line. */
  line(json) {
    if (!this.pretty) return `${json}\n`;
    let event;
    try {
      event = JSON.parse(json);
    } catch {
      event = undefined;
    }
    // An application may send any text to a client.
    if (typeof event?.type !== 'string') return `${safe(json)}\n`;
    const { type, payload, data, timestamp } = event;
    const said = new Date(timestamp ?? Date.now());
    const time = clock(Number.isNaN(said.getTime()) ? new Date() : said);
    const parts = [
      this.#paint('dim', time),
      this.#paint(WRONG.test(type) ? 'red' : 'cyan', safe(type)),
    ];
    if (payload !== undefined) parts.push(safe(String(payload)));
    if (data !== undefined) {
      const rest = safe(JSON.stringify(data));
      parts.push(payload === undefined ? rest : this.#paint('dim', rest));
    }
    return `${parts.join('  ')}\n`;
  }

  /** Whole lines of JSON, as bytes. */
  lines(bytes) {
    if (!this.pretty) return bytes;
    const texts = bytes.toString('utf8').split('\n').slice(0, -1);
    return texts.map((text) => this.line(text)).join('');
  }
}

module.exports = { Printer, look };
