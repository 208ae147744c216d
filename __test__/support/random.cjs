// Repeatable randomness: the message of a failed run has its seed.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');

/** Numbers from 0 to 1 (mulberry32). @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of this run: `LOOPWIRE_SEED` repeats one. */
const newSeed = () => Number(process.env.LOOPWIRE_SEED ?? crypto.randomInt(2 ** 32));

/**
 * A test with randomness of its own, whose failure tells the seed.
 *
 * @param {(random: () => number, seed: number) => Promise<void>} body
 */
function seeded(body) {
  return async () => {
    const seed = newSeed();
    try {
      await body(numbers(seed), seed);
    } catch (error) {
      error.message += `\nLOOPWIRE_SEED=${seed} does this again`;
      throw error;
    }
  };
}

/** Writes a file of random bytes, in pieces of a megabyte; its SHA-256. @param {string} file @param {number} megabytes */
function randomFile(file, megabytes) {
  const hash = crypto.createHash('sha256');
  for (let n = 0; n < megabytes; n += 1) {
    const piece = crypto.randomBytes(1 << 20);
    hash.update(piece);
    fs.appendFileSync(file, piece);
  }
  return hash.digest('hex');
}

module.exports = { numbers, randomFile, seeded };
