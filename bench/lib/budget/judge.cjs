// Compares what was counted with the budgets.
'use strict';

/** Above its budget by this part, a stage is over it: compilers differ by a percent or two. */
const TOLERANCE = 0.05;

/**
 * One entry for each stage that was counted: `verdict` is `within`, `OVER`, or `lower` for a stage that is so far below that its
 * budget should follow.
 */
function judge(stages, counted) {
  return Object.entries(counted).map(([name, instructions]) => {
    const { title, per, budget } = stages[name];
    const ratio = instructions / budget;
    const verdict = ratio > 1 + TOLERANCE ? 'OVER' : ratio < 1 - TOLERANCE ? 'lower' : 'within';
    return { name, title, per, instructions, budget, ratio, verdict };
  });
}

function number(value) {
  return value < 1000 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

/** A table for people. */
function lines(judged) {
  const rows = judged.map(({ verdict, title, per, instructions, budget, ratio }) => [
    verdict,
    `${title}, per ${per}`,
    number(instructions),
    number(budget),
    `${((ratio - 1) * 100).toFixed(1)} %`,
  ]);
  const all = [['', 'stage', 'instructions', 'budget', 'difference'], ...rows];
  const widths = all[0].map((_, at) => Math.max(...all.map((row) => row[at].length)));
  return all.map((row) =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
      .join('  ')
      .trimEnd(),
  );
}

/** Whether one of them is over its budget. */
function isOver(judged) {
  return judged.some(({ verdict }) => verdict === 'OVER');
}

module.exports = { TOLERANCE, isOver, judge, lines };
