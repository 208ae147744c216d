// Cuts of a connection at random places.
'use strict';

/** Cuts so often after any number of bytes, from the middle of a handshake to many messages, and some bytes to the listener. */
function cutRandomly(cutter, cuts, random, least = 50) {
  const again = () => {
    if (cutter.cuts >= cuts) return cutter.cutAfterSent(Infinity);
    if (least < 1000 && random() < 0.2) cutter.cutAfterSent(Math.floor(50 * 40 ** random()));
    return cutter.cutAfter(Math.floor(least * (20_000 / least) ** random()), again);
  };
  again();
}

module.exports = { cutRandomly };
