// The latest of many figures.

/** Whoever iterates gets the latest value each time: what was missed is out of date. */
export class Latest {
  #current = { value: undefined, number: 0 };
  #ended = false;
  #waiting = [];

  set(value) {
    this.#current = { value, number: this.#current.number + 1 };
    this.#wake();
  }

  end() {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    for (let seen = 0; ;) {
      while (seen === this.#current.number) {
        if (this.#ended) return;
        await new Promise((resolve) => this.#waiting.push(resolve));
      }
      const { value, number } = this.#current;
      seen = number;
      yield value;
    }
  }

  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
