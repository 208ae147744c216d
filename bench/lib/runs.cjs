// Several runs, each of other rows, as one.
'use strict';

/** What must be the same in runs that stand side by side. */
const SAME = ['cpu', 'cores', 'kernel', 'node', 'rustc'];

/** The rows of all runs; the machine with the versions of all peers, with the load before the first and behind the last. */
function merge(runs) {
  const [first] = runs;
  const last = runs.at(-1);
  const different = SAME.find((key) =>
    runs.some(({ machine }) => machine[key] !== first.machine[key]),
  );
  if (different) throw new Error(`the runs are not of one machine: ${different}`);
  if (runs.some(({ rounds }) => rounds !== first.rounds))
    throw new Error('the runs have different numbers of rounds');
  const { date, load } = first.machine;
  const machines = Object.assign({}, ...runs.map(({ machine }) => machine));
  return {
    machine: { ...machines, date, load, loadAfter: last.machine.loadAfter },
    rounds: first.rounds,
    rows: Object.assign({}, ...runs.map(({ rows }) => rows)),
  };
}

module.exports = { merge };
