// Standard output, or standard error as the output of a command: writing waits for the reader. A reader that has left is not an error, everything else is.
'use strict';

const fs = require('node:fs');
const tty = require('node:tty');
const { Problem } = require('../problem.js');

const STDOUT = 1;
const STDERR = 2;

class Output {
  #descriptor;
  /** Undefined for a file, which is written by its descriptor. */
  #stream;
  #over = false;
  #problem;
  #waiting = new Set();
  #resolve;
  /** Resolves when nothing more can be written: the reader has left, or writing has failed. */
  over = new Promise((resolve) => (this.#resolve = resolve));

  /** @param {1 | 2} [descriptor] */
  constructor(descriptor = STDOUT) {
    this.#descriptor = descriptor;
    if (isFile(descriptor)) return;
    this.#stream = descriptor === STDERR ? process.stderr : process.stdout;
    this.#stream.on('error', (error) => this.#fail(error));
  }

  get isTerminal() {
    return this.#stream?.isTTY === true;
  }

  /** Whether nothing more can be written. */
  get isOver() {
    return this.#over;
  }

  /** How many bytes wait for the reader. */
  get waiting() {
    return this.#stream?.writableLength ?? 0;
  }

  /** Writes without waiting. */
  put(data) {
    if (this.#over) return;
    if (this.#stream) this.#stream.write(data);
    else this.#writeFile(data);
  }

  /** Writes, and waits until there is room for more. */
  async write(data) {
    this.put(data);
    if (!this.#over && this.#stream?.writableNeedDrain) await this.#turn('drain');
  }

  /**
   * Waits until everything was written, at most `ms` milliseconds if given, and throws a problem if anything could not
   * be. Nothing can be written afterwards.
   */
  async end(ms) {
    if (this.#stream) await this.#flush(ms);
    // Some file systems report a full disk only when a file is closed.
    else if (!this.#over) this.#attempt(() => fs.closeSync(this.#descriptor));
    this.#over = true;
    if (this.#problem) throw this.#problem;
  }

  async #flush(ms) {
    if (this.#over) return;
    const done = new Promise((resolve) => {
      this.#stream.write('', (error) => {
        if (error) this.#fail(error);
        resolve();
      });
    });
    let timer;
    const late = ms && new Promise((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([done, this.over, ...(late ? [late] : [])]);
    clearTimeout(timer);
  }

  /** Node's own stream for files does not look at how much was written, so a full disk would go unnoticed. */
  #writeFile(data) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    this.#attempt(() => {
      for (let from = 0; from < bytes.length;) from += fs.writeSync(this.#descriptor, bytes, from);
    });
  }

  #attempt(act) {
    try {
      act();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error) {
    if (this.#over) return;
    this.#over = true;
    // A pipe without a reader, and a terminal that was closed.
    const left = error.code === 'EPIPE' || (error.code === 'EIO' && this.isTerminal);
    const name = this.#descriptor === STDERR ? 'standard error' : 'standard output';
    if (!left) this.#problem = new Problem(`${name} cannot be written: ${error.message}`);
    this.#resolve();
    for (const go of this.#waiting) go();
  }

  #turn(event) {
    return new Promise((resolve) => {
      const go = () => {
        this.#stream.off(event, go);
        this.#waiting.delete(go);
        resolve();
      };
      this.#waiting.add(go);
      this.#stream.on(event, go);
    });
  }
}

/**
 * Whether it is a file or a device, and neither a pipe, nor a socket, nor a terminal. What else it may be (a
 * directory) refuses to be written, while a stream of Node would drop everything without a word.
 */
function isFile(descriptor) {
  const stat = fs.fstatSync(descriptor);
  return !(stat.isFIFO() || stat.isSocket() || tty.isatty(descriptor));
}

module.exports = { Output };
