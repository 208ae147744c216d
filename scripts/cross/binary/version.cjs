// Versions of systems, which are compared number by number.
'use strict';

/** Its numbers: `2.17` of `glibc 2.17`, `GLIBC_2.17`, `2.17`. @param {string} text */
const numbers = (text) => (/[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number);

/** Less than 0 if the one is older, more than 0 if it is newer. @param {string} one @param {string} other */
function compare(one, other) {
  const [left, right] = [numbers(one), numbers(other)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const apart = (left[at] ?? 0) - (right[at] ?? 0);
    if (apart !== 0) return apart;
  }
  return 0;
}

module.exports = { compare };
