// What the native side calls when there is something to pull.
'use strict';

class Waker {
  #resolve;

  /** For the native side. It refers to a reader only while that one waits, so that one that is lost is collected. */
  wake = () => this.#resolve?.();

  /** Waits for the call. */
  async woken() {
    // No Promise of the native side, since that would keep the process alive.
    await new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#resolve = undefined;
  }
}

module.exports = { Waker };
