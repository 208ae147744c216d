// Runs the smoke test in a root, with the package as npm installs it for that platform.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../lib.cjs');
const { enter } = require('./enter.cjs');
const { at, must, said } = require('./place.cjs');
const { NOWHERE, ROOTS, made } = require('./roots.cjs');

/** @typedef {{name: string, ok: boolean, words: string}} Trial */

/** The tarballs of the package and of a platform. @param {string} platform */
async function tarballs(platform) {
  const folder = at('tarballs', platform);
  fs.rmSync(folder, { recursive: true, force: true });
  const script = path.join(lib.root, 'scripts', 'pack.cjs');
  await must(process.execPath, [script, '--platforms', platform, '--untried', '--out', folder]);
  return fs.readdirSync(folder).map((name) => path.join(folder, name));
}

/** What npm installs on a platform. @param {string} platform @param {string} folder */
async function install(platform, folder) {
  const files = await tarballs(platform);
  const [os, cpu, libc] = platform.split('-');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  // The native core is optional, as it is for users: of what must be there npm looks at this machine, whatever it is told.
  const own = `@loopwire/binding-${platform}`;
  const isCore = (/** @type {string} */ file) => path.basename(file).includes(platform);
  const [core, main] = [files.find(isCore), files.find((file) => !isCore(file))];
  const manifest = {
    private: true,
    dependencies: { loopwire: `file:${main}` },
    optionalDependencies: { [own]: `file:${core}` },
  };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const flags = ['--offline', '--no-audit', '--no-fund', `--os=${os}`, `--cpu=${cpu}`];
  if (os === 'linux') flags.push(`--libc=${libc === 'gnu' ? 'glibc' : libc}`);
  const { code, output } = await lib.runNpm(['install', ...flags], {
    capture: true,
    cwd: folder,
  });
  if (code !== 0) throw new lib.Problem(`npm install: ${output.trim()}`);
}

/**
 * Tries a platform's addon where it can be run.
 *
 * @param {import('./targets.cjs').Target} target
 * @returns {Promise<Trial>}
 */
async function trial({ folder: platform }) {
  const root = ROOTS[platform];
  if (!root) {
    const words = /** @type {Record<string, string>} */ (NOWHERE)[platform];
    return { name: 'nothing here', ok: true, words };
  }
  const { name } = root;
  console.log(`\n== ${platform}: in ${name}`);
  try {
    const folder = await made(platform, root);
    const smoke = path.join(folder, 'smoke');
    await install(platform, smoke);
    const scripts = path.join(lib.root, 'scripts');
    fs.copyFileSync(path.join(scripts, 'smoke.cjs'), path.join(smoke, 'smoke.cjs'));
    fs.cpSync(path.join(scripts, 'smoke'), path.join(smoke, 'smoke'), { recursive: true });
    return { name, ...(await run(root, folder)) };
  } catch (error) {
    return { name, ok: false, words: said(error) };
  }
}

/** @param {import('./roots.cjs').Root} root @param {string} folder */
async function run(root, folder) {
  const called = root.called ?? ((/** @type {string} */ file) => file);
  const args = [called('/smoke/smoke.cjs'), called('/smoke/node_modules/loopwire')];
  for (const [step, why] of Object.entries(root.lacks)) args.push('--lacks', `${step}=${why}`);
  if (root.node) args.push('--node', root.node);
  args.push('--complete', '--patience', String(root.patience ?? 1));
  const command = [...root.start, ...args];
  const { code, output } = await enter(folder, command, root.env, { echo: true });
  const lines = output.split('\n').map((line) => line.trim());
  const totals = lines.find((line) => /^\d+ ok, \d+ failed, \d+ not here$/.test(line));
  const told = lines
    .filter((line) => /^(failed|not here) /.test(line))
    .map((line) => line.replace(/ {2,}/, ' '));
  const words = [totals ?? `no totals: ${lines.findLast(Boolean)}`, ...told].join('; ');
  return { ok: code === 0 && totals !== undefined, words };
}

module.exports = { trial };
