// The lines that the programs of the sandbox's page print.
'use strict';

const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');

/** The lines until one of them is this. */
async function until(lines, last) {
  const all = [];
  while (all.at(-1) !== last) all.push(await lines.next());
  return all;
}

let made = 0;

/** Creates files until one is told, and then a last one, up to which it takes what is told. Its path. */
async function heardFirst(lines, name) {
  const make = () => {
    const file = name((made += 1));
    fs.writeFileSync(file, 'x');
    return file;
  };
  for (; lines.size === 0; await sleep(100)) make();
  const last = make();
  await until(lines, `File changed: ${last}`);
  const kind = await lines.next();
  if (kind !== 'Change type: created') throw new Error(`${last}: ${kind}`);
  return last;
}

module.exports = { heardFirst, until };
