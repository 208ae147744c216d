// Shows the events of `loopwire serve` as far as the reader keeps up, and never slows the clients down.
'use strict';

const { complain } = require('../problem.js');

/**
 * How much may wait for standard output. A callback that waits would slow down the engine and every client. So events
 * that do not fit are only counted here. `loopwire tail` loses none.
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

  get isTerminal() {
    return this.#output.isTerminal;
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
    // One write for all events of one turn of the event loop.
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
    complain(`${this.#missed} events were not shown, because standard output is read too slowly`);
    this.#missed = 0;
  }
}

module.exports = { Show };
