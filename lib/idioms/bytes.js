// Bytes that the application gives: text, or whatever holds bytes.
'use strict';

const { invalid, wrongType } = require('../errors.js');
const { builtin } = require('../loader/builtin.js');

const { isAnyArrayBuffer, isSharedArrayBuffer } = builtin('node:util').types;

const EXPECTED = 'a string, an ArrayBuffer or a view of one (a Buffer, a TypedArray, a DataView)';

/**
 * A string as it is; the bytes of anything else, not its elements: a `Uint16Array` of one element has two.
 *
 * @param {unknown} data
 * @returns {string | Uint8Array}
 */
function checkBytes(data, name) {
  if (typeof data === 'string') return data;
  if (!ArrayBuffer.isView(data) && !isAnyArrayBuffer(data)) throw wrongType(name, EXPECTED, data);
  const bytes = bytesOf(data, name);
  // Another thread may write to shared memory while it is read.
  return isSharedArrayBuffer(bytes.buffer) ? new Uint8Array(bytes) : bytes;
}

function bytesOf(data, name) {
  // A view of memory that is gone has no bytes; so has an empty one, which is right.
  if (data instanceof Uint8Array && data.byteLength > 0) return data;
  try {
    if (!ArrayBuffer.isView(data)) return new Uint8Array(data);
    const { buffer, byteOffset, byteLength } = data;
    // Throws for memory that was transferred.
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch {
    throw invalid(`${name} has no memory any more: it was transferred`);
  }
}

module.exports = { checkBytes };
