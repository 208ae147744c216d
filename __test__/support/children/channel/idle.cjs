// Node and nothing of ours, ending as `loaded.cjs` does: what Node itself takes to end.
'use strict';

setInterval(() => {}, 1_000);
process.stdout.write(`${JSON.stringify({})}\n`, () => {
  if (process.argv[2] === 'exit') process.exit(7);
  if (process.argv[2] === 'throw') throw new Error('of the application');
});
