// The pump: drains batches from the native side and calls the callback once per event.
'use strict';

const { Buffer } = require('node:buffer');
const { performance } = require('node:perf_hooks');
// Taken at load: a test that installs fake timers later must not stop the events.
const { setImmediate } = require('node:timers');
const { markAsUntransferable } = require('node:worker_threads');

// The most events of one batch (MAX_BATCH_EVENTS in Rust).
const MAX_EVENTS = 1024;
// How long callbacks may hold the event loop in one go; the rest of the batch waits for the next turn.
const SLICE_MS = 4;

// Node's own Buffer class: a view costs a third of `Buffer.from(arrayBuffer, offset, length)`.
const View = Buffer[Symbol.species];

const FORMATS = {
  buffer: (bytes, start, end) => new View(bytes.buffer, start, end - start),
  string: (bytes, start, end) => bytes.utf8Slice(start, end),
  object: (bytes, start, end) => JSON.parse(bytes.utf8Slice(start, end)),
};

function rethrow(error) {
  throw error;
}

// Calls one of the application's functions; what it throws goes to `uncaughtException`, and the next
// event still comes.
function guarded(call) {
  try {
    call();
  } catch (error) {
    process.nextTick(rethrow, error);
  }
}

class Pump {
  #native;
  #callback;
  #onMessage;
  #onConnection;
  #format;
  #ends = new Uint32Array(MAX_EVENTS + 1);
  // The batch at hand, which event of it is next, and where that one starts.
  #bytes;
  #next = 1;
  #start = 0;
  // How many events are delivered between two looks at the clock: few while callbacks are slow.
  #stride = 1;
  #stopped = false;
  #again = () => this.turn();

  constructor(callback, options) {
    this.#callback = callback;
    this.#onMessage = options?.onMessage;
    this.#onConnection = options?.onConnection;
    this.#format = FORMATS[options?.format ?? 'buffer'];
  }

  start(native) {
    this.#native = native;
    // The native side starts awake: the first turn lets it sleep.
    setImmediate(this.#again);
  }

  stop() {
    this.#stopped = true;
  }

  // One turn of the event loop: letters, then events, then either sleep or another turn. Polling by
  // `setImmediate` lets timers and sockets in between; a call re-armed from inside itself would not.
  turn() {
    if (this.#stopped) return;
    const letters = this.#letters();
    // `onMessage` or `onConnection` may have closed the listener while half a batch was still at hand.
    if (this.#stopped) return;
    const events = this.#events();
    if (this.#stopped) return;
    if (letters || events || !this.#native.doze()) setImmediate(this.#again);
  }

  #events() {
    if (this.#bytes === undefined) {
      const batch = this.#native.drain(this.#ends);
      if (batch === null || batch === undefined) return false;
      // A transfer would detach the neighbours' memory, too.
      markAsUntransferable(batch);
      this.#bytes = new View(batch);
      this.#next = 1;
      this.#start = 0;
    }
    const deadline = performance.now() + SLICE_MS;
    const count = this.#ends[0];
    while (this.#next <= count) {
      const stop = Math.min(count, this.#next + this.#stride - 1);
      this.#deliver(stop);
      if (this.#stopped) return false;
      if (performance.now() > deadline) {
        this.#stride = Math.max(1, this.#stride >> 2);
        break;
      }
      this.#stride = Math.min(256, this.#stride * 2);
    }
    if (this.#next > count) this.#bytes = undefined;
    return true;
  }

  // Hands over the events up to the one numbered `stop`.
  #deliver(stop) {
    const callback = this.#callback;
    const format = this.#format;
    const bytes = this.#bytes;
    const ends = this.#ends;
    while (this.#next <= stop) {
      const start = this.#start;
      const end = ends[this.#next];
      // Moved on first: a callback that throws is not called again for the same event.
      this.#next += 1;
      this.#start = end;
      try {
        callback(format(bytes, start, end));
      } catch (error) {
        process.nextTick(rethrow, error);
      }
      if (this.#stopped) return;
    }
  }

  #letters() {
    const letter = this.#native.take();
    if (letter === null || letter === undefined) return false;
    const [kind, first, second, third, fourth] = letter;
    if (kind === 'message') {
      guarded(() => this.#onMessage(second, third, first));
    } else if (kind === 'connection') {
      const info = second === 'closed' ? { code: third, reason: fourth } : {};
      guarded(() => this.#onConnection(first, second, info));
    } else {
      warnOfOrigin(first, second);
    }
    return true;
  }
}

function warnOfOrigin(origin, option) {
  const hint = option ? `; if that is your page, the option ${option} admits it` : '';
  process.emitWarning(`a web page was turned away: ${origin}${hint}`, {
    type: 'LoopwireWarning',
    code: 'LOOPWIRE_ORIGIN_REFUSED',
  });
}

module.exports = { Pump };
