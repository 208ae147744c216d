// Why tests failed, in a few lines each: said at the end, where a log that is cut off still has it.
'use strict';

const { plain, programs } = require('./again.cjs');

/** Lines of one failure: the message, and what came before it. */
const LINES = 40;
/** Of those, from its beginning, where a Rust test's panic and Jest's difference stand. */
const HEAD = 25;
/** Failures told in full: a log full of them says no more than these. */
const TOLD = 20;

/** @param {string} text */
function bounded(text) {
  const lines = plain(text).trimEnd().split('\n');
  if (lines.length <= LINES) return lines.join('\n');
  const left = `… ${lines.length - LINES} lines left out`;
  return [...lines.slice(0, HEAD), left, ...lines.slice(HEAD - LINES)].join('\n');
}

/**
 * What cargo's failed tests printed.
 *
 * @param {{stdout: string, stderr: string}} run
 * @returns {string[]}
 */
function whyCargo({ stdout, stderr }) {
  const reasons = [];
  for (const { text, ended, good } of programs(stdout)) {
    if (good) continue;
    if (!ended)
      reasons.push(bounded(`---- a test program did not end ----\n${text.slice(-4_000)}`));
    // Between the two lists: what they printed, and their names once more.
    const printed = /^failures:\n\n(---- [^]*?)(?=^failures:$|(?![^]))/m.exec(text)?.[1] ?? '';
    const blocks = printed.split(/^(?=---- .+ stdout ----$)/m).filter((block) => block.trim());
    reasons.push(...blocks.map(bounded));
  }
  const broken = plain(stderr)
    .split(/^(?=Caused by:$)/m)
    .slice(1);
  const died = broken.filter((text) => /\(signal: /.test(text.split('\n')[1]));
  reasons.push(...died.map((text) => text.split('\n').slice(0, 2).join('\n').trimEnd()));
  return reasons;
}

/**
 * What Jest's failed tests say.
 *
 * @param {any} report null if Jest wrote none
 * @returns {string[]}
 */
function whyJest(report) {
  return (report?.testResults ?? []).flatMap((/** @type {any} */ file) => {
    const failed = file.assertionResults.filter(
      (/** @type {any} */ test) => test.status === 'failed',
    );
    if (file.status === 'failed' && failed.length === 0) {
      return [bounded(`---- ${file.name} ----\n${file.message}`)];
    }
    return failed.map((/** @type {any} */ test) =>
      bounded(`---- ${test.fullName} (${file.name}) ----\n${test.failureMessages.join('\n')}`),
    );
  });
}

/** The reasons of all, as one text. @param {string[]} reasons */
function told(reasons) {
  const more =
    reasons.length > TOLD ? [`… and ${reasons.length - TOLD} failures more (see above)`] : [];
  return [...reasons.slice(0, TOLD), ...more].join('\n\n');
}

module.exports = { LINES, TOLD, told, whyCargo, whyJest };
