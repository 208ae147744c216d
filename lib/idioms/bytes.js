// Bytes that the application gives: text, or whatever holds bytes.
'use strict';

const { wrongType } = require('../errors.js');
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
  let bytes;
  if (ArrayBuffer.isView(data)) {
    const { buffer, byteOffset, byteLength } = data;
    bytes = data instanceof Uint8Array ? data : new Uint8Array(buffer, byteOffset, byteLength);
  } else if (isAnyArrayBuffer(data)) {
    bytes = new Uint8Array(data);
  } else {
    throw wrongType(name, EXPECTED, data);
  }
  // Another thread may write to shared memory while it is read.
  return isSharedArrayBuffer(bytes.buffer) ? new Uint8Array(bytes) : bytes;
}

module.exports = { checkBytes };
