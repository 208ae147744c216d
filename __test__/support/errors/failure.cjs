// The error of a call that has to fail.
'use strict';

/** What a call throws or rejects with. @param {() => unknown} call */
async function failure(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}

module.exports = { failure };
