// The pump: takes batches from the native side and calls the callback once for each event.
'use strict';

const { Batch, FORMATS, SLICE_MS, lone } = require('./events/batch.js');
const { builtin } = require('./loader/builtin.js');

// Taken at load: fake timers that a test installs later must not stop the events.
const { setImmediate } = builtin('node:timers');
const { now } = Date;

function rethrow(error) {
  throw error;
}

// Calls a function of the application. An exception goes to `uncaughtException`, and the next event still
// comes.
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
  // The current batch, in fields of the pump's own, which are faster than those of another object: its memory; the same
  // memory as numbers, which from `#ends` on are the ends of the events; the number of events, the index of the next one,
  // and where that one starts.
  #memory;
  #numbers;
  #ends = 0;
  #count = 0;
  #next = 0;
  #start = 0;
  // How many events are delivered between two reads of the clock: few while callbacks are slow.
  #stride = 1;
  #stopped = false;
  #again = () => this.turn(undefined);

  constructor(callback, options) {
    // Without a callback no event comes: those are iterated.
    this.#callback = callback;
    this.#onMessage = options?.onMessage;
    this.#onConnection = options?.onConnection;
    // A wrong one is refused by the native side; as a key it could throw.
    const format = options?.format;
    this.#format = FORMATS[typeof format === 'string' ? format : 'buffer'];
  }

  start(native) {
    this.#native = native;
    // The native side starts unparked: the first turn parks it.
    setImmediate(this.#again);
  }

  stop() {
    this.#stopped = true;
  }

  // One turn of the event loop: events, then an inbox item, then either park or schedule another turn. With
  // `setImmediate` timers and sockets run in between; a waker that calls again at once would not let them.
  // The waker passes the first batch.
  turn(batch) {
    if (this.#stopped) return;
    const events = this.#events(batch);
    const items = !this.#stopped && this.#inbox();
    if (this.#stopped) return;
    if (events || items || !this.#native.park()) setImmediate(this.#again);
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

  #lone(bytes) {
    try {
      this.#callback(lone(bytes, this.#format));
    } catch (error) {
      process.nextTick(rethrow, error);
    }
  }

  #open(memory) {
    const { numbers, count, ends } = new Batch(memory);
    this.#memory = memory;
    this.#numbers = numbers;
    this.#count = count;
    this.#ends = ends;
    this.#next = 0;
    this.#start = 0;
  }

  // Delivers the events before index `stop`.
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
          // Advanced first, so that a callback that throws does not get the same event again.
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

  #inbox() {
    const item = this.#native.take();
    if (item === null || item === undefined) return false;
    const [kind, first, second, third, fourth] = item;
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
  const hint = option ? `; if that is your page, allow it with the option ${option}` : '';
  process.emitWarning(`a web page was refused: ${origin}${hint}`, {
    type: 'LoopwireWarning',
    code: 'LOOPWIRE_ORIGIN_REFUSED',
  });
}

module.exports = { Pump };
