// Abort signals: what `options.signal` may be, and how something that waits hears of it.
'use strict';

const { abortError, unknownOption, wrongType } = require('./errors.js');
const { calledFrom } = require('./stack.js');

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

/** Options, checked for being an object. */
function checkOptions(options) {
  if (options === undefined) return {};
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options;
  throw wrongType('options', 'an object', options);
}

/** The signal of a function that has no other option. */
function signalOf(options, name) {
  if (options === undefined) return undefined;
  const { signal, ...others } = checkOptions(options);
  for (const [key, value] of Object.entries(others)) {
    if (value !== undefined) throw unknownOption('options', key, `${name} has signal`);
  }
  return checkSignal(signal);
}

/** The options without their signal, and the signal. What is no object is left to whoever checks the options. */
function withoutSignal(options) {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  if (!isObject || !('signal' in options)) return [options, undefined];
  const { signal, ...rest } = options;
  return [rest, checkSignal(signal)];
}

/** Throws if the signal has fired: then nothing is to be started. */
function throwIfAborted(signal) {
  if (signal?.aborted) throw abortError(signal);
}

/** What is to be called when a signal fires. */
const waiting = new WeakMap();

/**
 * Has `act` called when the signal fires. Call what it returns at the end: a signal outlives what it can end. It gets one
 * listener for all calls: Node warns of more than ten, which may well be so many reads at a time.
 */
function onAbort(signal, act) {
  if (signal === undefined) return () => {};
  const all = waiting.get(signal) ?? listen(signal);
  all.acts.add(act);
  return () => {
    if (all.acts.delete(act) && all.acts.size === 0) all.end();
  };
}

function listen(signal) {
  const acts = new Set();
  const fire = () => {
    end();
    for (const act of acts) act();
    acts.clear();
  };
  const end = () => {
    signal.removeEventListener('abort', fire);
    waiting.delete(signal);
  };
  signal.addEventListener('abort', fire, { once: true });
  const all = { acts, end };
  waiting.set(signal, all);
  return all;
}

/**
 * What `promise` comes to, or an AbortError as soon as the signal fires. For what may go on unseen, such as reading; `cancel`
 * ends it as soon as that is possible.
 */
async function unlessAborted(signal, promise, cancel) {
  if (signal === undefined) return promise;
  const call = calledFrom();
  let off;
  const aborted = new Promise((resolve, reject) => {
    off = onAbort(signal, () => {
      reject(abortError(signal, undefined, call));
      cancel?.();
    });
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
  checkOptions,
  checkSignal,
  onAbort,
  signalOf,
  throwIfAborted,
  unlessAborted,
  unlessCancelled,
  withoutSignal,
};
