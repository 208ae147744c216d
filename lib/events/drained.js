// `drained`: waiting until the readers of the journal have caught up.
'use strict';

const { unknownOption, wrongType } = require('../errors.js');
const { throwIfAborted, unlessAborted, withoutSignal } = require('../signal.js');

// The wait that is under way, which all callers share.
let waiting;

/** @param {(wake: () => void) => boolean} whenDrained */
async function drained(whenDrained, given) {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw wrongType('options', 'an object', given);
  }
  const [options, signal] = withoutSignal(given);
  for (const key of Object.keys(options ?? {})) {
    throw unknownOption('options', key, 'drained has signal');
  }
  throwIfAborted(signal);
  waiting ??= new Promise((resolve) => {
    if (whenDrained(resolve)) resolve();
  }).finally(() => {
    waiting = undefined;
  });
  return unlessAborted(signal, waiting);
}

module.exports = { drained };
