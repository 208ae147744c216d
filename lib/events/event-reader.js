// One iteration of a listener's events. It pulls: what it does not take stays in the journal, and publishers wait for it,
// as they do for a callback.
'use strict';

const { Batch, FORMATS, SLICE_MS, lone } = require('./batch.js');
const { Waker } = require('./waker.js');
const { builtin } = require('../loader/builtin.js');

// Taken at load: fake timers that a test installs later must not stop the events.
const { setImmediate } = builtin('node:timers');
const { now } = Date;

const DONE = { done: true, value: undefined };

const turn = () => new Promise((resolve) => setImmediate(resolve));

class EventReader {
  #native;
  #format;
  #waker = new Waker();
  // The batch that was not given to its end.
  #batch;
  #deadline = 0;
  #ended = false;
  #failure;
  #last = Promise.resolve();

  /** @param {((wake: () => void) => object) | undefined} begin nothing for one that has ended */
  constructor(begin, format) {
    this.#native = begin?.(this.#waker.wake);
    this.#ended = begin === undefined;
    this.#format = FORMATS[format];
  }

  get ended() {
    return this.#ended;
  }

  /** Whether publishers are held back, perhaps by this reader. */
  isAboveMark() {
    return !this.#ended && this.#native.isAboveMark();
  }

  /** Ends it: what it has not given is dropped. Whoever waits for an event is told `failure`, if there is one. */
  end(failure) {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#batch = undefined;
    this.#native.end();
    this.#waker.wake();
  }

  /** Calls that overlap are answered in their order. */
  next() {
    const next = this.#last.then(() => this.#take());
    this.#last = next.catch(() => {});
    return next;
  }

  // The loop was left.
  async return(value) {
    this.end();
    return { done: true, value };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async #take() {
    for (;;) {
      if (this.#ended) return this.#over();
      if (now() > this.#deadline) {
        // A loop that never waits for anything else would keep timers and sockets from their turn.
        await turn();
        this.#deadline = now() + SLICE_MS;
      } else if (this.#batch !== undefined) {
        return { done: false, value: this.#event() };
      } else {
        const memory = this.#native.drain();
        if (ArrayBuffer.isView(memory)) return { done: false, value: lone(memory, this.#format) };
        if (memory !== undefined) this.#batch = new Batch(memory);
        else if (this.#native.park()) await this.#woken();
      }
    }
  }

  #over() {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    return DONE;
  }

  async #woken() {
    await this.#waker.woken();
    this.#deadline = now() + SLICE_MS;
  }

  #event() {
    const batch = this.#batch;
    const { start } = batch;
    batch.start = batch.numbers[batch.ends + batch.next];
    batch.next += 1;
    // The memory of a batch is not kept longer than its last event.
    if (batch.next === batch.count) this.#batch = undefined;
    return this.#format(batch.memory, start, batch.start);
  }
}

module.exports = { EventReader };
