/** Calls `end` when the signal fires, or at once if it has; the result takes that back. */
export function onAbort(signal, end) {
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end, { once: true });
  return () => signal?.removeEventListener('abort', end);
}
