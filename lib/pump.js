// The pump: drains batches from the native side and calls the callback once per event.
'use strict';

const { Buffer } = require('node:buffer');
// Taken at load: a test that installs fake timers later must not stop the events.
const { setImmediate } = require('node:timers');
const { now } = Date;

// How long callbacks may hold the event loop in one go; the rest of the batch waits for the next turn.
const SLICE_MS = 4;

// Node's own Buffer class: a view costs a third of `Buffer.from(arrayBuffer, offset, length)`.
const View = Buffer[Symbol.species];

const FORMATS = {
  buffer: (memory, start, end) => new View(memory, start, end - start),
  string: (memory, start, end) => new View(memory, start, end - start).utf8Slice(),
  object: (memory, start, end) => JSON.parse(new View(memory, start, end - start).utf8Slice()),
};

let markAsUntransferable;

// A transfer of one view would detach its neighbours' memory, too.
function protect(memory) {
  // Loading worker_threads takes a millisecond that a start need not wait for.
  markAsUntransferable ??= require('node:worker_threads').markAsUntransferable;
  markAsUntransferable(memory);
}

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
  // The batch at hand: its memory; that memory as numbers, of which those from `#ends` on say where each
  // event ends; how many events there are, which one is next, and where that one starts.
  #memory;
  #numbers;
  #ends = 0;
  #count = 0;
  #next = 0;
  #start = 0;
  // How many events are delivered between two looks at the clock: few while callbacks are slow.
  #stride = 1;
  #stopped = false;
  #again = () => this.turn(undefined);

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

  // One turn of the event loop: events, then letters, then either sleep or another turn. Polling by
  // `setImmediate` lets timers and sockets in between; a call re-armed from inside itself would not. A
  // ring brings the first batch along.
  turn(batch) {
    if (this.#stopped) return;
    const events = this.#events(batch);
    const letters = !this.#stopped && this.#letters();
    if (this.#stopped) return;
    if (events || letters || !this.#native.doze()) setImmediate(this.#again);
  }

  #events(batch) {
    if (this.#memory === undefined) {
      batch ??= this.#native.drain();
      if (batch === undefined) return false;
      if (ArrayBuffer.isView(batch)) {
        this.#lone(batch);
        return true;
      }
      this.#open(batch);
    }
    const deadline = now() + SLICE_MS;
    while (this.#next < this.#count) {
      this.#deliver(Math.min(this.#count, this.#next + this.#stride));
      if (this.#stopped) return false;
      if (now() > deadline) {
        this.#stride = Math.max(1, this.#stride >> 2);
        break;
      }
      this.#stride = Math.min(256, this.#stride * 2);
    }
    if (this.#next === this.#count) this.#memory = this.#numbers = undefined;
    return true;
  }

  // A lone event has a buffer of its own: nothing to slice, nothing to protect.
  #lone(bytes) {
    try {
      this.#callback(
        this.#format === FORMATS.buffer
          ? bytes
          : this.#format(bytes.buffer, bytes.byteOffset, bytes.byteOffset + bytes.length),
      );
    } catch (error) {
      process.nextTick(rethrow, error);
    }
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

  // Hands over the events before the one numbered `stop`.
  #deliver(stop) {
    const callback = this.#callback;
    const format = this.#format;
    const memory = this.#memory;
    const numbers = this.#numbers;
    const ends = this.#ends;
    let next = this.#next;
    let start = this.#start;
    while (next < stop && !this.#stopped) {
      try {
        while (next < stop && !this.#stopped) {
          const from = start;
          // Moved on first: a callback that throws is not called again for the same event.
          start = numbers[ends + next];
          next += 1;
          callback(format(memory, from, start));
        }
      } catch (error) {
        process.nextTick(rethrow, error);
      }
    }
    this.#next = next;
    this.#start = start;
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
