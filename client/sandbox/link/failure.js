// Errors with a `code` that stays the same. None of them holds the token.

export function failure(code, message, cause) {
  return Object.assign(new Error(message, cause && { cause }), { code });
}

/** For a wrong argument, as Node has it. */
export function wrong(message) {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
}

export function aborted({ reason }) {
  return Object.assign(failure('ABORT_ERR', 'the operation was aborted', reason), {
    name: 'AbortError',
  });
}

/** Calls `end` when the signal fires, or at once if it has; the result takes that back. */
export function onAbort(signal, end) {
  if (!signal) return () => {};
  const fire = () => end(aborted(signal));
  if (signal.aborted) fire();
  else signal.addEventListener('abort', fire, { once: true });
  return () => signal.removeEventListener('abort', fire);
}
