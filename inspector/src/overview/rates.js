// Events per second, of the last two minutes.

export const SECONDS = 120;
/** A plot of less says nothing. */
const LEAST_SECONDS = 30;

export class Rates {
  /** The second of the oldest event that was counted. */
  #first = Infinity;
  #seconds = new Float64Array(SECONDS);
  #counts = new Float64Array(SECONDS);

  /** @param {number} time of an event, in milliseconds @param {number} now */
  count(time, now = time) {
    // Not of the window, or of no time at all.
    if (!(time <= now && time > now - SECONDS * 1000)) return;
    const second = Math.floor(time / 1000);
    const slot = second % SECONDS;
    // Older than what the slot holds: it is beyond the window. If the clock was set back, the slot is.
    if (second < this.#seconds[slot] && this.#seconds[slot] <= now / 1000) return;
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] += 1;
    this.#first = Math.min(this.#first, second);
  }

  at(second) {
    const slot = second % SECONDS;
    return this.#seconds[slot] === second ? this.#counts[slot] : 0;
  }

  /** How many seconds before `last` there is something to show. */
  span(last) {
    return Math.min(SECONDS - 1, Math.max(LEAST_SECONDS, last - this.#first + 2));
  }

  /** `[seconds, counts]` up to the last whole second. */
  series(now) {
    const last = Math.floor(now / 1000) - 1;
    const xs = Array.from({ length: SECONDS }, (_, index) => last - SECONDS + 1 + index);
    return [xs, xs.map((second) => this.at(second))];
  }
}
