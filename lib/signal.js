// Abort signals: what `options.signal` may be, and how something that waits hears of it.
'use strict';

const { abortError, wrongType } = require('./errors.js');
const { calledFrom } = require('./stack.js');

const { builtin } = require('./loader/builtin.js');

const { defaultMaxListeners, getMaxListeners, setMaxListeners } = builtin('node:events');

/**
 * The signal, checked. One of another realm, or of a library, is as good: it is known by what it has.
 *
 * @param {unknown} signal
 * @returns {AbortSignal | undefined}
 */
function checkSignal(signal, name = 'options.signal') {
  if (signal === undefined || isSignal(signal)) return signal;
  throw wrongType(name, 'an AbortSignal', signal);
}

function isSignal(value) {
  return (
    typeof value?.aborted === 'boolean' &&
    typeof value.addEventListener === 'function' &&
    typeof value.removeEventListener === 'function'
  );
}

/** The options without their signal, and the signal. What is no object is left to whoever checks the options. */
function withoutSignal(options) {
  if (typeof options !== 'object' || options === null || !('signal' in options)) {
    return [options, undefined];
  }
  const { signal, ...rest } = options;
  return [rest, checkSignal(signal)];
}

/** Throws if the signal has fired: then nothing is to be started. */
function throwIfAborted(signal) {
  if (signal?.aborted) throw abortError(signal);
}

/** Has `act` called when the signal fires. Call what it returns at the end: a signal outlives what it can end. */
function onAbort(signal, act) {
  if (signal === undefined) return () => {};
  allowMany(signal);
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

/** One signal may end many things: Node before 22 warns of a leak from the eleventh on. */
function allowMany(signal) {
  try {
    if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(0, signal);
  } catch {
    // A signal of a library is no EventTarget of Node.
  }
}

/** What `promise` comes to, or an AbortError as soon as the signal fires. For what may go on unseen, such as reading. */
async function unlessAborted(signal, promise) {
  if (signal === undefined) return promise;
  const call = calledFrom();
  let off;
  const aborted = new Promise((resolve, reject) => {
    off = onAbort(signal, () => reject(abortError(signal, undefined, call)));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    off();
    // It may fail after the signal has fired, when nobody waits for it.
    promise.catch(() => {});
  }
}

/**
 * What `promise` comes to. When the signal fires, `cancel` is called, and the promise says whether that was in time: it
 * rejects with an error that `wasCancelled` knows, which becomes an AbortError, or it goes on to its own end.
 */
async function unlessCancelled(
  signal,
  cancel,
  promise,
  wasCancelled = (error) => error.code === 'CANCELLED',
) {
  const call = calledFrom();
  const off = onAbort(signal, cancel);
  try {
    return await promise;
  } catch (error) {
    throw signal?.aborted && wasCancelled(error) ? abortError(signal, undefined, call) : error;
  } finally {
    off();
  }
}

module.exports = {
  checkSignal,
  onAbort,
  throwIfAborted,
  unlessAborted,
  unlessCancelled,
  withoutSignal,
};
