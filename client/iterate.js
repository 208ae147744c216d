// `for await` over events: a bounded buffer between the socket, which does not wait, and a loop, which may.

export class EventBuffer {
  #end;
  #waiting = [];
  #sink;
  #limit;
  #on;
  #events = [];

  /** `on.full?.()` when no more should come, `on.room?.()` when half of it was taken, `on.stop()` when the loop ends. */
  constructor(limit, on) {
    this.#limit = limit;
    this.#on = on;
  }

  get isFull() {
    return this.#events.length >= this.#limit;
  }

  push(event) {
    if (this.#end) return;
    if (this.#sink) return this.#sink.push(event);
    const next = this.#waiting.shift();
    if (next) return next.resolve({ value: event, done: false });
    // What the socket has read already still comes after `full`; it is kept, because it will not come again.
    this.#events.push(event);
    if (this.#events.length === this.#limit) this.#on.full?.();
  }

  /** What came before is still given out. */
  end(error) {
    if (this.#end) return;
    this.#end = { error };
    this.#sink?.end(error);
    for (const next of this.#waiting.splice(0)) this.#finish(next);
  }

  /** Gives everything to `sink` at once, and the end: nothing is on the way when it is taken back by no sink. */
  pipe(sink) {
    // Whoever had it before takes itself away.
    if (sink) this.#sink?.end();
    this.#sink = sink;
    if (!sink) return;
    for (const event of this.#events.splice(0)) sink.push(event);
    if (this.#end) sink.end(this.#end.error);
  }

  next() {
    return new Promise((resolve, reject) => {
      if (this.#events.length > 0) {
        const value = this.#events.shift();
        if (this.#events.length === this.#limit >> 1) this.#on.room?.();
        resolve({ value, done: false });
      } else if (this.#end) this.#finish({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  return(value) {
    this.#events = [];
    this.end();
    this.#on.stop();
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** An error is thrown once. */
  #finish({ resolve, reject }) {
    const { error } = this.#end;
    this.#end = {};
    if (error) reject(error);
    else resolve({ done: true });
  }
}
