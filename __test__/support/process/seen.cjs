// What no test may pass over: a panic of the native core, and a fault that it reports.
'use strict';

const PANIC = /^.*\bpanicked at .*$/;
const FAULT = /^NOT ORDERED: .*$|^.* ERROR loopwire_\S+: fault .*$/;

/**
 * The lines of a program's output that tell of a panic or a fault, each with the line behind it, where a panic's
 * words stand.
 *
 * @param {string} output
 * @returns {string[]}
 */
function seen(output) {
  const lines = output.split('\n');
  return lines.flatMap((line, at) => {
    if (FAULT.test(line)) return [line];
    return PANIC.test(line) ? [`${line} ${lines[at + 1] ?? ''}`.trim()] : [];
  });
}

module.exports = { seen };
