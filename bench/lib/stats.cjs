// Medians and percentiles.
'use strict';

function percentile(values, part) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** p50 and p99 in microseconds of latencies in nanoseconds. */
function latency(nanoseconds) {
  return { p50: percentile(nanoseconds, 0.5) / 1e3, p99: percentile(nanoseconds, 0.99) / 1e3 };
}

module.exports = { median, percentile, latency };
