// The event that every peer sends: the same bytes as Loopwire's harness publishes.
'use strict';
const paths = require('./paths.cjs');

const BYTES = 120;
const HEAD = '{"type":"harness","payload":"';

function finish(text, bytes) {
  return text.padEnd(bytes - 2, 'x') + '"}';
}

/** Bun counts from its own start: how far that is from CLOCK_MONOTONIC, by the quickest of many looks. */
function offset() {
  const { clock } = require(paths.peers);
  let best = { took: Infinity };
  for (let n = 0; n < 10_000; n++) {
    const before = process.hrtime.bigint();
    const there = clock();
    const took = Number(process.hrtime.bigint() - before);
    if (took < best.took) best = { took, offset: BigInt(there) - before - BigInt(took >> 1) };
  }
  return best.offset;
}

const OFFSET = process.versions.bun ? offset() : 0n;

/** Nanoseconds of CLOCK_MONOTONIC, the clock of the counting client and of the native publishers. */
function now() {
  return process.hrtime.bigint() + OFFSET;
}

/** `{"type":"harness","payload":"0:<n>:<padding>"}`, `bytes` long. */
function numbered(n, bytes = BYTES) {
  return finish(`${HEAD}0:${n}:`, bytes);
}

/** The same with the time of its birth, nanoseconds of CLOCK_MONOTONIC. */
function stamped(bytes = BYTES) {
  return finish(`${HEAD}${now()}:`, bytes);
}

/** What `emit` takes of such an event: its payload. */
function payload(json) {
  return json.slice(HEAD.length, -2);
}

/** How long ago the event was born, in nanoseconds. */
function age(data) {
  const then = now();
  const text = typeof data === 'string' ? data : data.toString('latin1');
  return Number(then - BigInt(text.slice(HEAD.length, text.indexOf(':', HEAD.length))));
}

module.exports = { BYTES, now, numbered, payload, stamped, age };
