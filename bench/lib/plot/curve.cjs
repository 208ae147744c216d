// A row that is a curve: each subject is measured at the same points, one after the other, in one process.
'use strict';

/**
 * `{points, quantities, subjects, …}` as a row of the runner. A quantity is a column at each point, `rate@64`; a subject's `run`
 * resolves to the quantities by point, as a Map.
 */
function curve({ points, quantities, subjects, ...row }) {
  const columns = points.flatMap((point) =>
    quantities.map(({ key, title }) => ({ key: `${key}@${point}`, title: `${title} at ${point}` })),
  );
  const flat = Object.entries(subjects).map(([name, subject]) => [
    name,
    { ...subject, run: async (how) => flatten(await subject.run(how)) },
  ]);
  return { ...row, points, quantities, columns, subjects: Object.fromEntries(flat) };
}

function flatten(byPoint) {
  const entries = [...byPoint].flatMap(([point, figures]) =>
    Object.entries(figures).map(([key, value]) => [`${key}@${point}`, value]),
  );
  return Object.fromEntries(entries);
}

module.exports = { curve };
