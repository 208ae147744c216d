// A row under load from outside: the same subjects, beside two processes that compute without a pause.
'use strict';
const { spawn } = require('node:child_process');
const { once } = require('node:events');

const PROCESSES = 2;

/** Says that it runs, then computes until its parent is gone. */
const SPIN = `
  const parent = process.ppid;
  require('node:fs').writeSync(1, '.');
  while (process.ppid === parent) for (let n = 0; n < 1e6; n++);
`;

async function beside(run) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const spinning = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, ['-e', SPIN], { stdio }),
  );
  try {
    await Promise.all(spinning.map(({ stdout }) => once(stdout, 'data')));
    return await run();
  } finally {
    for (const child of spinning) child.kill('SIGKILL');
  }
}

/** The row with some of its subjects. Its goals are for a quiet machine, so this one has none. */
function busy(row, names) {
  const subjects = names.map((name) => {
    const { run, ...rest } = row.subjects[name];
    return [name, { ...rest, run: (how) => beside(() => run(how)) }];
  });
  return {
    ...row,
    name: `busy-${row.name}`,
    title: `${row.title}, beside two busy processes`,
    subjects: Object.fromEntries(subjects),
    goals: [],
  };
}

module.exports = { busy };
