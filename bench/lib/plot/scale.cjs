// Logarithmic axes: from values to places, where the marks are, and how they are written.
'use strict';

const KIB = 1024;

/** Rounded for an SVG, so that the same data give the same text everywhere. */
function place(value) {
  return Number(value.toFixed(1));
}

/** From `low … high` to `from … to`. */
function logarithmic([low, high], [from, to]) {
  const span = Math.log(high / low);
  return (value) => place(from + (Math.log(value / low) / span) * (to - from));
}

/** The decades around all values: a lower and an upper end. */
function decades(values) {
  // A hair above a power of ten must not take a whole decade.
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.ceil(Math.log10(Math.max(...values)) - 1e-9);
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** The powers of ten of an axis. */
function powers([low, high]) {
  const marks = [];
  for (let at = Math.round(Math.log10(low)); at <= Math.round(Math.log10(high)); at++)
    marks.push(Number(`1e${at}`));
  return marks;
}

function count(value) {
  for (const [unit, size] of [
    ['M', 1e6],
    ['k', 1e3],
  ]) {
    if (value >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return String(Number(value.toPrecision(3)));
}

function bytes(value) {
  return value >= KIB ? `${value / KIB} KiB` : `${value} B`;
}

module.exports = { bytes, count, decades, logarithmic, place, powers };
