// The tree that is watched: many directories with few files in each, as in sources.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** `--files` of the runner. */
const FILES = Number(process.env.LOOPWIRE_BENCH_FILES ?? 10_000);
const IN_A_DIRECTORY = 10;
const AT_A_LEVEL = 20;

/** Where the directory of that number is: three levels deep. */
function directory(root, number) {
  const outer = Math.floor(number / AT_A_LEVEL ** 2);
  const inner = Math.floor(number / AT_A_LEVEL) % AT_A_LEVEL;
  return path.join(root, `d${outer}`, `d${inner}`, `n${number}`);
}

/** Makes a tree, which `remove` removes. */
function make(files) {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-bench-watch-')));
  const leaves = Math.ceil(files / IN_A_DIRECTORY);
  for (let number = 0; number < leaves; number++) {
    const place = directory(root, number);
    fs.mkdirSync(place, { recursive: true });
    const count = Math.min(IN_A_DIRECTORY, files - number * IN_A_DIRECTORY);
    for (let file = 0; file < count; file++) fs.writeFileSync(path.join(place, `f${file}`), 'x');
  }
  let directories = 1;
  for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) directories += 1;
  }
  return {
    root,
    files,
    leaves,
    directories,
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}

/** Makes a tree, and removes it however that ends. */
async function within(files, work) {
  const tree = make(files);
  try {
    return await work(tree);
  } finally {
    tree.remove();
  }
}

module.exports = { FILES, directory, within };
