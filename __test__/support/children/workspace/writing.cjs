// Writes a file of a workspace, and says what became of it.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { loopwire } = require('../../harness.cjs');

const [root, name, text] = process.argv.slice(2);

async function main() {
  const workspace = loopwire.openWorkspace(root);
  const written = await workspace.writeFile(name, text);
  const found = fs.readFileSync(path.join(root, name), 'utf8');
  await workspace.close();
  process.stdout.write(`${JSON.stringify({ written, found })}\n`);
}

main();
