// Calls of `emit` in bursts: what one costs.
'use strict';
const { BYTES } = require('./event.cjs');
const { median } = require('./stats.cjs');

/** Small enough for the journal's default bounds, callback and all. */
const BURST = 5000;
const BURSTS = 200;
const PAYLOAD = 'x'.repeat(BYTES - '{"type":"harness","payload":""}'.length);

/** The median burst's nanoseconds per call; between bursts the loop turns, and `settled` says when it may go on. */
async function measure(bursts, emit, settled = () => true) {
  const costs = [];
  // As many again, and half, before: compiled code and warm memory.
  for (let burst = 0; burst < bursts * 1.5; burst++) {
    const began = process.hrtime.bigint();
    for (let n = 0; n < BURST; n++) emit('harness', PAYLOAD);
    const nanoseconds = Number(process.hrtime.bigint() - began);
    if (burst >= bursts / 2) costs.push(nanoseconds / BURST);
    do await new Promise(setImmediate);
    while (!settled());
  }
  return { ns: median(costs) };
}

module.exports = { BURST, BURSTS, measure };
