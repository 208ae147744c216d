// Errors with a `code` that stays the same. None of them holds the token.

import { onAbort } from '../../abort.js';

export function failure(code, message, cause) {
  return Object.assign(new Error(message, cause && { cause }), { code });
}

export function aborted({ reason }) {
  return Object.assign(failure('ABORT_ERR', 'the operation was aborted', reason), {
    name: 'AbortError',
  });
}

/** Calls `end` with the error when the signal fires, or at once if it has; the result takes that back. */
export const onAborted = (signal, end) => onAbort(signal, () => end(aborted(signal)));
