// Free ports for the demo: a row of them, where no other program listens.
'use strict';

const net = require('node:net');

// Below the ports that systems hand out by themselves: nobody gets one of these by chance while it is
// free for a moment.
const FIRST = 20_000;
const LAST = 32_000;
const TRIES = 200;

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * The first port of a row of free ones.
 *
 * @param {number} count
 * @returns {Promise<number>}
 */
async function freeRange(count) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const start = FIRST + 10 * Math.floor((Math.random() * (LAST - FIRST)) / 10);
    const row = Array.from({ length: count }, (_, index) => isFree(start + index));
    if ((await Promise.all(row)).every(Boolean)) return start;
  }
  throw new Error(`no ${count} free ports in a row between ${FIRST} and ${LAST}`);
}

module.exports = { freeRange };
