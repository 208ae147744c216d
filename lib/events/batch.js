// Batches of events, as the native side hands them over, and the formats in which an event is given.
'use strict';

const { builtin } = require('../loader/builtin.js');

const { Buffer } = builtin('node:buffer');

// Node's internal Buffer class: a view costs a third of `Buffer.from(arrayBuffer, offset, length)`.
const View = Buffer[Symbol.species];

const FORMATS = {
  buffer: (memory, start, end) => new View(memory, start, end - start),
  string: (memory, start, end) => new View(memory, start, end - start).utf8Slice(),
  object: (memory, start, end) => JSON.parse(new View(memory, start, end - start).utf8Slice()),
};

// How long events may be given at a stretch; the rest waits for the next turn of the event loop.
const SLICE_MS = 4;

let markAsUntransferable;

// Transferring one view would detach the memory of the others.
function protect(memory) {
  // Loading worker_threads takes a millisecond; the start does not wait for it.
  markAsUntransferable ??= builtin('node:worker_threads').markAsUntransferable;
  markAsUntransferable(memory);
}

/**
 * How far a batch was given. Its memory holds the events and, behind them, numbers: where each event ends, and how many
 * there are.
 */
class Batch {
  /** The index of the next event, and where that one starts. */
  next = 0;
  start = 0;

  constructor(memory) {
    protect(memory);
    this.memory = memory;
    /** The same memory as numbers: from the index `ends` on they are the ends of the events. */
    this.numbers = new Uint32Array(memory);
    const last = this.numbers.length - 1;
    this.count = this.numbers[last];
    this.ends = last - this.count;
  }
}

/** An event that came alone: it has its own buffer, which needs no slice and no protection. */
function lone(bytes, format) {
  return format === FORMATS.buffer
    ? bytes
    : format(bytes.buffer, bytes.byteOffset, bytes.byteOffset + bytes.length);
}

module.exports = { Batch, FORMATS, SLICE_MS, lone };
