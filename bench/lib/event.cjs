// The event that every peer sends: the same bytes as Loopwire's harness publishes.
'use strict';

const BYTES = 120;
const HEAD = '{"type":"harness","payload":"';

function finish(text, bytes) {
  return text.padEnd(bytes - 2, 'x') + '"}';
}

/** `{"type":"harness","payload":"0:<n>:<padding>"}`, `bytes` long. */
function numbered(n, bytes = BYTES) {
  return finish(`${HEAD}0:${n}:`, bytes);
}

/** The same with the time of its birth, nanoseconds of CLOCK_MONOTONIC. */
function stamped(bytes = BYTES) {
  return finish(`${HEAD}${process.hrtime.bigint()}:`, bytes);
}

/** How long ago the event was born, in nanoseconds. */
function age(data) {
  const now = process.hrtime.bigint();
  const text = typeof data === 'string' ? data : data.toString('latin1');
  return Number(now - BigInt(text.slice(HEAD.length, text.indexOf(':', HEAD.length))));
}

module.exports = { BYTES, numbered, stamped, age };
