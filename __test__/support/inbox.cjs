// An inbox: it keeps items in order, and a test awaits the next one instead of sleeping.
'use strict';

/** Far longer than anything here takes; only a missing item waits that long. */
const PATIENCE_MS = 15_000;

class Inbox {
  #items = [];
  #waiting = [];
  #ended;
  #patience;

  /** @param {number} [patience] how long `next()` waits, in milliseconds; `Infinity` for the limit of the test */
  constructor(patience = PATIENCE_MS) {
    this.#patience = patience;
  }

  /** How many things have arrived and were not taken. */
  get size() {
    return this.#items.length;
  }

  push(item) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(item);
    else this.#items.push(item);
  }

  /** Nothing more will come; `why` is what those who wait are told. */
  end(why) {
    this.#ended ??= new Error(why);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#ended);
  }

  /** The next thing; it is an error if none comes. */
  next() {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(new Error(`nothing came for ${this.#patience} ms`));
      };
      const timer = this.#patience === Infinity ? undefined : setTimeout(late, this.#patience);
      const settle = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      const waiting = { resolve: settle(resolve), reject: settle(reject) };
      this.#waiting.push(waiting);
    });
  }

  /** The next `count` things. */
  async take(count) {
    const taken = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** Everything up to the first thing that `last` accepts, that one included. */
  async until(last) {
    const taken = [];
    do taken.push(await this.next());
    while (!last(taken.at(-1)));
    return taken;
  }

  /** Waits for the first thing that `passes` accepts and takes it out; what came before it stays. */
  async pass(passes) {
    const taken = await this.until(passes);
    this.#items.unshift(...taken.slice(0, -1));
  }

  /** What is there already, without waiting. */
  drain() {
    return this.#items.splice(0);
  }
}

module.exports = { Inbox };
