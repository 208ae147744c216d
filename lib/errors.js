// The errors that functions in JavaScript throw or reject with, with the names and codes of Node's own.
'use strict';

function wrongType(name, expected, got) {
  const message = `${name} must be ${expected}, not ${got === null ? 'null' : typeof got}`;
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

function invalid(message) {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
}

/** What an aborted operation rejects with. */
function abortError(signal, message = 'The operation was aborted') {
  const error = new Error(message, { cause: signal.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

module.exports = { abortError, invalid, wrongType };
