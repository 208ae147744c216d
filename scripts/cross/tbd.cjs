// The text of a `.tbd` file, by which the linker knows the names in a library of macOS that is not here.
'use strict';

/** The names that an extern block of Rust declares: functions and variables. @param {string} source */
function externs(source) {
  const names = new Set();
  for (const [, block] of source.matchAll(/\bextern\s+"C(?:-unwind)?"\s*\{([^]*?)\n\s*\}/g)) {
    const code = block.replace(/\/\/.*/g, '');
    for (const [, name] of code.matchAll(/(?<!')\b(?:fn|static(?:\s+mut)?)\s+(\w+)/g)) {
      names.add(name);
    }
  }
  return [...names].sort();
}

/**
 * A framework of the system, with these names and no others.
 *
 * @param {string} framework
 * @param {string[]} names as in C
 */
function tbd(framework, names) {
  const targets = '[ x86_64-macos, arm64-macos, arm64e-macos ]';
  const symbols = names.map((name) => `_${name}`).join(', ');
  return `--- !tapi-tbd
tbd-version:     4
targets:         ${targets}
install-name:    '/System/Library/Frameworks/${framework}.framework/Versions/A/${framework}'
exports:
  - targets:         ${targets}
    symbols:         [ ${symbols} ]
...
`;
}

module.exports = { externs, tbd };
