// Events per second, of the last two minutes.

export const SECONDS = 120;

export class Rates {
  #seconds = new Float64Array(SECONDS);
  #counts = new Float64Array(SECONDS);

  /** @param {number} time of an event, in milliseconds */
  count(time) {
    const second = Math.floor(time / 1000);
    const slot = second % SECONDS;
    // Older than what the slot holds: it is beyond the window.
    if (!(second >= this.#seconds[slot])) return;
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] += 1;
  }

  at(second) {
    const slot = second % SECONDS;
    return this.#seconds[slot] === second ? this.#counts[slot] : 0;
  }

  /** `[seconds, counts]` up to the last whole second. */
  series(now) {
    const last = Math.floor(now / 1000) - 1;
    const xs = Array.from({ length: SECONDS }, (_, index) => last - SECONDS + 1 + index);
    return [xs, xs.map((second) => this.at(second))];
  }
}
