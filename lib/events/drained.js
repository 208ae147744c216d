// `drained`: waiting until the readers of the journal have caught up.
'use strict';

const { signalOf, throwIfAborted, unlessAborted } = require('../signal.js');

// The wait that is under way, which all callers share.
let waiting;

/** @param {(wake: () => void) => boolean} whenDrained */
async function drained(whenDrained, given) {
  const signal = signalOf(given, 'drained');
  throwIfAborted(signal);
  waiting ??= new Promise((resolve) => {
    if (whenDrained(resolve)) resolve();
  }).finally(() => {
    waiting = undefined;
  });
  return unlessAborted(signal, waiting);
}

module.exports = { drained };
