// Node without Loopwire, which ends as `loaded.cjs` does: the time that Node itself needs.
'use strict';

setInterval(() => {}, 1_000);
process.stdout.write(`${JSON.stringify({})}\n`, () => {
  if (process.argv[2] === 'exit') process.exit(7);
  if (process.argv[2] === 'throw') throw new Error('of the application');
});
