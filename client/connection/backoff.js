// How long to wait before the next attempt: full jitter, so that clients that were cut off together do not return together.

/** `failures` is the number of attempts that have failed before: 0 for the first retry. */
export function backoffDelay(failures, { baseDelayMs, maxDelayMs }, random) {
  // 2 ** 1024 is Infinity, and min() bounds that, too.
  return Math.round(random() * Math.min(maxDelayMs, baseDelayMs * 2 ** failures));
}
