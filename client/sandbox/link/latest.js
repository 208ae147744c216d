// The latest of many figures.

/** Whoever iterates gets the latest value each time: what was missed is out of date. */
export class Latest {
  /** A new object for each value. */
  #current;
  #ended;
  #waiting = [];

  set(value) {
    this.#current = { value };
    this.#wake();
  }

  end() {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    for (let seen; ;) {
      while (seen === this.#current) {
        if (this.#ended) return;
        await new Promise((resolve) => this.#waiting.push(resolve));
      }
      seen = this.#current;
      yield seen.value;
    }
  }

  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
