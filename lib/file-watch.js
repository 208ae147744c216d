// A watch in JavaScript: changes of files are pulled in batches and given one by one.
'use strict';

const { closeAtDispose } = require('./idioms/dispose.js');
const { abortError } = require('./errors.js');
const { Waker } = require('./events/waker.js');
const { onAbort } = require('./signal.js');
const { calledFrom } = require('./stack.js');

class FileWatch {
  #native;
  #signal;
  #waker = new Waker();
  #ready;
  #waiting = [];
  #closed = false;
  #last = Promise.resolve();
  // A signal outlives many watches: those that have ended must not be kept by it.
  #unlisten;

  /** @param {(wake: () => void) => object} begin */
  constructor(begin, signal) {
    this.#native = begin(this.#waker.wake);
    this.#signal = signal;
    this.#unlisten = onAbort(signal, () => this.close());
    this.#ready = this.#begun(calledFrom());
    // Whoever iterates gets the failure there.
    this.#ready.catch(() => {});
  }

  get ready() {
    return this.#ready;
  }

  async #begun(call) {
    const aborted = () => this.#signal?.aborted;
    const begun = await this.#native.begun().catch((error) => {
      this.#unlisten();
      if (!aborted()) throw error;
    });
    if (aborted()) throw abortError(this.#signal, undefined, call);
    return begun;
  }

  close() {
    this.#unlisten();
    this.#waiting = [];
    this.#closed = true;
    this.#native.end();
    return Promise.resolve();
  }

  [Symbol.asyncIterator]() {
    return {
      next: () => this.#next(),
      // The loop was left: nobody reads it any more.
      return: async (value) => {
        await this.close();
        return { done: true, value };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Calls that overlap are answered in their order. */
  #next() {
    const next = this.#last.then(() => this.#take());
    this.#last = next.catch(() => {});
    return next;
  }

  /** The next changes; none when the watch has ended. */
  async #batch() {
    for (;;) {
      const batch = this.#native.take();
      if (batch !== null) return batch;
      await this.#waker.woken();
    }
  }

  async #take() {
    if (this.#waiting.length === 0) {
      await this.#ready.catch((error) => {
        if (error.code !== 'GONE') throw error;
      });
      const batch = await this.#batch();
      // The last one first, so that each is taken off at once.
      if (!this.#closed) this.#waiting = batch.toReversed();
    }
    if (this.#signal?.aborted) throw abortError(this.#signal);
    const value = this.#waiting.pop();
    if (value === undefined) this.#unlisten();
    return { done: value === undefined, value };
  }
}

closeAtDispose(FileWatch);

module.exports = { FileWatch };
