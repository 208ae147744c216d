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
  const known = begun.get(folder);
  if (known) return known;
  const making = fill(folder, make);
  begun.set(folder, making);
  // What the network has refused may come the next time.
  making.catch(() => begun.delete(folder));
  return making;
}

/**
 * The same for a version of it: the older ones are deleted.
 *
 * @param {string} folder
 * @param {string} version
 * @param {Parameters<typeof once>[1]} make
 */
async function current(folder, version, make) {
  const made = await once(`${folder}@${version}`, make);
  const [above, name] = [path.dirname(folder), path.basename(folder)];
  const old = fs
    .readdirSync(above)
    .filter((each) => each.startsWith(`${name}@`) && path.join(above, each) !== made);
  for (const each of old) fs.rmSync(path.join(above, each), { recursive: true, force: true });
  return made;
}

/** The version of what is made by these files of `scripts/cross`. @param {string[]} names */
const recipe = (...names) =>
  lib.contentHash(names.map((name) => `scripts/cross/${name}.cjs`)).slice(0, 12);

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
  const lines = output.trim().split('\n');
  // The first line is what a table says of it.
  const called = `${path.basename(command)} ${args[0] ?? ''}`.trim();
  const [first, end] = [`\`${called}\` failed: ${lines.at(-1)}`, lines.slice(-20).join('\n')];
  throw new lib.Problem(`${first}\n${end}`);
}

/** What an error says, in a line for a table; all of it is printed. @param {unknown} error */
function said(error) {
  const message = String(/** @type {Error} */ (error).message).trim();
  console.error(message);
  return message.split('\n')[0];
}

module.exports = { at, current, must, once, recipe, said };
