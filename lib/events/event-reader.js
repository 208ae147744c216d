// One iteration of a listener's events. It pulls: what it does not take stays in the journal, and publishers wait for it,
// as they do for a callback.
'use strict';

const { FORMATS, lone, protect } = require('./batch.js');
const { builtin } = require('../loader/builtin.js');

// Taken at load: fake timers that a test installs later must not stop the events.
const { setImmediate } = builtin('node:timers');
const { now } = Date;

// How long the loop may go on without a turn of the event loop, as in the pump.
const SLICE_MS = 4;

const DONE = { done: true, value: undefined };

const turn = () => new Promise((resolve) => setImmediate(resolve));

class EventReader {
  #native;
  #format;
  // What the native side calls. It refers to this reader only while somebody waits, so that one that is lost is collected:
  // then publishers do not wait for it any more.
  #waker = { wake: undefined };
  // The current batch, as in the pump.
  #memory;
  #numbers;
  #ends = 0;
  #count = 0;
  #next = 0;
  #start = 0;
  #deadline = 0;
  #ended = false;
  #failure;
  #last = Promise.resolve();

  /** @param {((wake: () => void) => object) | undefined} begin nothing for one that has ended */
  constructor(begin, format) {
    const waker = this.#waker;
    this.#native = begin?.(() => waker.wake?.());
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
    this.#memory = this.#numbers = undefined;
    this.#native.end();
    this.#waker.wake?.();
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
      } else if (this.#next < this.#count) {
        return { done: false, value: this.#event() };
      } else {
        const batch = this.#native.drain();
        if (ArrayBuffer.isView(batch)) return { done: false, value: lone(batch, this.#format) };
        if (batch !== undefined) this.#open(batch);
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
    // No Promise of the native side, since that would keep the process alive.
    await new Promise((resolve) => {
      this.#waker.wake = resolve;
    });
    this.#waker.wake = undefined;
    this.#deadline = now() + SLICE_MS;
  }

  #open(memory) {
    protect(memory);
    const numbers = new Uint32Array(memory);
    const last = numbers.length - 1;
    this.#memory = memory;
    this.#numbers = numbers;
    this.#count = numbers[last];
    this.#ends = last - this.#count;
    this.#next = 0;
    this.#start = 0;
  }

  #event() {
    const start = this.#start;
    this.#start = this.#numbers[this.#ends + this.#next];
    this.#next += 1;
    const event = this.#format(this.#memory, start, this.#start);
    // The memory of a batch is not kept longer than its last event.
    if (this.#next === this.#count) this.#memory = this.#numbers = undefined;
    return event;
  }
}

module.exports = { EventReader };
