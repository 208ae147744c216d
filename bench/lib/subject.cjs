// Runs one subject of one row in this process and prints its figures: `subject.cjs SUITE/ROW SUBJECT [--quick]`.
'use strict';
const path = require('node:path');

async function main() {
  const [row, name, quick] = process.argv.slice(2);
  const { subjects } = require(path.join(__dirname, '..', 'rows', `${row}.cjs`));
  const few = quick === '--quick';
  const figures = await subjects[name].run({
    quick: few,
    of: (n) => (few ? Math.ceil(n / 10) : n),
  });
  process.stdout.write(`\n${JSON.stringify(figures)}\n`, () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
