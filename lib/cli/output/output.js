// Standard output: writing waits for the reader, and a reader that has gone is not an error.
'use strict';

class Output {
  #stream;
  #gone = false;
  #waiting = new Set();
  /** Resolves when the reader has gone. */
  gone;

  constructor(stream = process.stdout) {
    this.#stream = stream;
    this.gone = new Promise((resolve) => {
      stream.on('error', () => {
        this.#gone = true;
        resolve();
        for (const go of this.#waiting) go();
      });
    });
    // Standard error without a reader is not an error either.
    process.stderr.on('error', () => {});
  }

  get isTerminal() {
    return this.#stream.isTTY === true;
  }

  get isGone() {
    return this.#gone;
  }

  /** How many bytes wait for the reader. */
  get waiting() {
    return this.#stream.writableLength;
  }

  /** Writes without waiting. */
  put(data) {
    if (!this.#gone) this.#stream.write(data);
  }

  /** Writes, and waits until there is room for more. */
  async write(data) {
    if (this.#gone || this.#stream.write(data)) return;
    await this.#turn('drain');
  }

  /** Waits until everything was written, at most `ms` milliseconds if given. */
  async flush(ms) {
    if (this.#gone || this.#stream.writableLength === 0) return;
    const done = new Promise((resolve) => this.#stream.write('', () => resolve()));
    let timer;
    const late = ms && new Promise((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([done, this.gone, ...(late ? [late] : [])]);
    clearTimeout(timer);
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

module.exports = { Output };
