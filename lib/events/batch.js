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

let markAsUntransferable;

// Transferring one view would detach the memory of the others.
function protect(memory) {
  // Loading worker_threads takes a millisecond; the start does not wait for it.
  markAsUntransferable ??= builtin('node:worker_threads').markAsUntransferable;
  markAsUntransferable(memory);
}

/** An event that came alone: it has its own buffer, which needs no slice and no protection. */
function lone(bytes, format) {
  return format === FORMATS.buffer
    ? bytes
    : format(bytes.buffer, bytes.byteOffset, bytes.byteOffset + bytes.length);
}

module.exports = { FORMATS, lone, protect };
