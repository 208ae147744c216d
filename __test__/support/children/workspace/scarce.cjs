// Opens a workspace when no descriptor is left, and says why that failed: before anything else has run, or after.
'use strict';

const fs = require('node:fs');
const { loopwire } = require('../../harness.cjs');

const [root, before] = process.argv.slice(2);

/** Takes all descriptors but the last few. */
function take(free) {
  const taken = [];
  try {
    for (;;) taken.push(fs.openSync('/dev/null'));
  } catch {
    for (const fd of taken.splice(0, free)) fs.closeSync(fd);
  }
  return taken;
}

async function main() {
  if (before === 'used') await loopwire.openWorkspace(root).close();
  const told = [];
  // From none at all to more than it needs.
  for (let free = 0; free < 20; free += 1) {
    const taken = take(free);
    let workspace = null;
    try {
      workspace = loopwire.openWorkspace(root);
    } catch ({ code, message }) {
      told.push({ code, message });
    }
    for (const fd of taken) fs.closeSync(fd);
    await workspace?.close();
  }
  const workspace = loopwire.openWorkspace(root);
  const { sha256 } = await workspace.writeFile('x', 'x');
  await workspace.close();
  process.stdout.write(`${JSON.stringify({ told, sha256 })}\n`);
}

main();
