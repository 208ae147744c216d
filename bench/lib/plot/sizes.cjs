// The curves over the size of an event: which sizes, and how long each is measured.
'use strict';

/** Bytes of an event besides those of its payload: `{"type":"harness","payload":""}`. */
const FRAME = 31;
const POINTS = [16, 64, 256, 1024, 4096, 16_384, 65_536];
/** Each point is measured again until it has taken this long. */
const SECONDS = 0.3;
/** Never more than this waits in a journal of the size that these rows give it, or in a queue without a bound. */
const MOST_BYTES = 48 << 20;
const MOST_EVENTS = 400_000;
/** Tells how many there shall be in a measurement. */
const FIRST = 2000;

/**
 * Events per second at each size. `measure(count, bytes)` publishes so many events and resolves to the seconds until the
 * reader had the last one; `most` is what one measurement may have.
 */
async function overSizes({ quick }, measure, most = MOST_EVENTS) {
  const rates = new Map();
  for (const point of POINTS) {
    const bytes = point + FRAME;
    const bound = Math.min(most, Math.floor(MOST_BYTES / bytes));
    // Compiled code and warm memory, and how fast it is about.
    const guess = Math.min(FIRST, bound);
    const count = Math.min(bound, Math.ceil((guess / (await measure(guess, bytes))) * SECONDS));
    let [events, seconds] = [0, 0];
    do {
      seconds += await measure(count, bytes);
      events += count;
    } while (seconds < (quick ? 0 : SECONDS));
    rates.set(point, { rate: events / seconds });
  }
  return rates;
}

const QUANTITIES = [{ key: 'rate', title: 'events/s' }];

module.exports = { POINTS, QUANTITIES, overSizes };
