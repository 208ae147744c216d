// Whether the peer still answers. A timer that fires late proves nothing: the host slept, or the page was in the background.

/** A timer that is later than this was held back: by a sleeping host, or by a browser that throttles the page. */
const LATE_MS = 2_000;

export class Heartbeat {
  #on;
  #doubtful;
  #timer;
  #intervalMs = 0;
  #seenAt = 0;
  #asking;

  /** `ask` sends a ping; `dead` is called once, when the peer has not answered. */
  constructor(on) {
    this.#on = on;
  }

  start(intervalMs) {
    this.stop();
    this.#intervalMs = intervalMs;
    this.seen();
    this.#listen();
  }

  stop() {
    this.#on.clock.clearTimeout(this.#timer);
    this.#intervalMs = 0;
  }

  /** Something came from the peer. Cheap: it is called for each message. */
  seen() {
    this.#seenAt = this.#on.clock.now();
    if (this.#asking) {
      this.#asking = false;
      if (this.#intervalMs > 0) this.#listen();
    }
  }

  /** Asks now: there is reason to doubt, such as a host that woke up. */
  check() {
    if (this.#intervalMs > 0 && !this.#asking) this.#question(false);
  }

  #listen() {
    this.#arm(this.#seenAt + this.#intervalMs - this.#on.clock.now(), () => {
      // Negative if the clock was set back, which must not stop the heartbeat for as long.
      const quiet = this.#on.clock.now() - this.#seenAt;
      if (quiet >= 0 && quiet < this.#intervalMs) this.#listen();
      else this.#question(false);
    });
  }

  /** `doubtful`: the answer to the last question was waited for with a timer that came late. */
  #question(doubtful) {
    this.#asking = true;
    this.#doubtful = doubtful;
    this.#arm(this.#on.answerTimeoutMs, (late) => {
      // The answer may lie behind this timer in a queue. Once is doubt, twice is not.
      if (late && !this.#doubtful) this.#question(true);
      else {
        this.stop();
        this.#on.dead();
      }
    });
    this.#on.ask();
  }

  #arm(ms, fire) {
    this.#on.clock.clearTimeout(this.#timer);
    const due = this.#on.clock.now() + ms;
    this.#timer = this.#on.clock.setTimeout(() => fire(this.#on.clock.now() - due > LATE_MS), ms);
  }
}
