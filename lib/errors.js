// The errors that functions in JavaScript throw or reject with, with the names and codes of Node's own.
'use strict';

const { builtin } = require('./loader/builtin.js');
const { begin } = require('./stack.js');

const { isAnyArrayBuffer } = builtin('node:util').types;

/** What a value is, in the words of the native core. */
function kind(value) {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (ArrayBuffer.isView(value) || isAnyArrayBuffer(value)) return 'bytes';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function wrongType(name, expected, got) {
  const message = `${name} must be ${expected}, not ${kind(got)}`;
  return begin(Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' }));
}

function invalid(message) {
  return begin(Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' }));
}

function outOfRange(name, expected, got) {
  const message = `${name} must be ${expected}, not ${got}`;
  return begin(Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' }));
}

/** An option that a function does not have; `instead` says what to do. */
function unknownOption(name, key, instead) {
  const message = `${name} has no option ${key}; ${instead}`;
  return begin(Object.assign(new TypeError(message), { code: 'ERR_UNKNOWN_OPTION' }));
}

/** The system has no file descriptor left for this process; `cause` is what Node says of it. */
function noDescriptors(cause) {
  const message =
    'the workspace cannot be opened: Too many open files; close files that this process has open, or raise its limit (ulimit -n)';
  return begin(Object.assign(new Error(message, { cause }), { code: 'EMFILE' }));
}

/** What an aborted operation rejects with. `call` is from where it was called: `calledFrom` of stack.js. */
function abortError(signal, message = 'The operation was aborted', call = undefined) {
  const error = new Error(message, { cause: signal.reason });
  return begin(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' }), call);
}

module.exports = { abortError, invalid, noDescriptors, outOfRange, unknownOption, wrongType };
