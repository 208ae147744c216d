// Where `npm run cross` keeps what it has fetched and made. All of it may be deleted at any time.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../lib.cjs');

const home = path.join(lib.root, 'target', 'cross');

/** A place in it. @param {string[]} parts */
const at = (...parts) => path.join(home, ...parts);

/** Folders that are being made, or were, by this process. @type {Map<string, Promise<string>>} */
const begun = new Map();

/**
 * A folder that is made once: completely, or not at all. Whoever asks while it is made waits for it.
 *
 * @param {string} folder
 * @param {(folder: string) => void | Promise<void>} make
 */
function once(folder, make) {
  const making = begun.get(folder) ?? fill(folder, make);
  begun.set(folder, making);
  return making;
}

/** @param {string} folder @param {Parameters<typeof once>[1]} make */
async function fill(folder, make) {
  if (fs.existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  fs.rmSync(partial, { recursive: true, force: true });
  fs.mkdirSync(partial, { recursive: true });
  await make(partial);
  fs.renameSync(partial, folder);
  return folder;
}

/**
 * Runs a command that must end well, and gives its output.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Parameters<typeof lib.run>[2]} [options]
 */
async function must(command, args, options) {
  const { code, output, stdout } = await lib.run(command, args, { capture: true, ...options });
  if (code === 0) return stdout;
  const end = output.trim().split('\n').slice(-20).join('\n');
  throw new lib.Problem(`${end}\n\`${path.basename(command)} ${args[0] ?? ''}\` failed.`);
}

module.exports = { at, must, once };
