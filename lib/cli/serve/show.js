// The events of `loopwire serve`: shown as long as somebody reads, never at the cost of who is served.
'use strict';

const { complain } = require('../problem.js');

/**
 * How much may wait for standard output. A callback that waits would hold back the engine, and with it every client: the
 * server's own window on its events is not worth that, so what does not fit is counted. `loopwire tail` loses nothing.
 */
const MOST_BYTES = 8 << 20;

class Show {
  #output;
  #printer;
  #text = '';
  #missed = 0;
  #flush = () => this.#write();

  constructor(output, printer) {
    this.#output = output;
    this.#printer = printer;
  }

  get pretty() {
    return this.#printer.pretty;
  }

  line(text) {
    this.#output.put(text);
  }

  event(json) {
    if (this.#text.length + this.#output.waiting > MOST_BYTES) {
      this.#missed += 1;
      return;
    }
    this.#tell();
    // One write for all that one turn of the event loop brings.
    if (this.#text === '') setImmediate(this.#flush);
    this.#text += this.#printer.line(json);
  }

  end() {
    this.#write();
    this.#tell();
  }

  #write() {
    const text = this.#text;
    this.#text = '';
    if (text) this.#output.put(text);
  }

  #tell() {
    if (this.#missed === 0) return;
    complain(`${this.#missed} events are not shown: standard output is read too slowly`);
    this.#missed = 0;
  }
}

module.exports = { Show };
