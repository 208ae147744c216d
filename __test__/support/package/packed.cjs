// The tarballs of the package and what npm makes of them in an empty folder, once for all test files that need them.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const lib = require('../../../scripts/lib.cjs');

const run = promisify(execFile);
const store = path.join(lib.root, 'target', 'packed');
const manifest = require('../../../package.json');

/** Tells one state of the package from another. */
function state() {
  const abi = lib.platformAbi();
  const { size, mtimeMs } = fs.statSync(path.join(lib.root, `loopwire.${abi}.node`));
  const files = [
    ...manifest.files,
    'package.json',
    'README.md',
    'npm',
    'scripts/pack.cjs',
    'scripts/package',
  ];
  return `${lib.contentHash(files).slice(0, 16)}-${size}-${Math.floor(mtimeMs)}`;
}

/** The folder of this state; `make` fills it if it is not there. @param {string} name @param {(folder: string) => Promise<void>} make */
async function kept(name, make) {
  const key = state();
  const folder = path.join(store, key, name);
  if (fs.existsSync(folder)) return folder;
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  for (const old of fs.readdirSync(store)) {
    if (old !== key) fs.rmSync(path.join(store, old), { recursive: true, force: true });
  }
  // Another worker may be making it at the same time; the first to end is taken.
  const own = fs.mkdtempSync(`${folder}-`);
  await make(own);
  try {
    fs.renameSync(own, folder);
  } catch (error) {
    fs.rmSync(own, { recursive: true, force: true });
    if (!fs.existsSync(folder)) throw error;
  }
  return folder;
}

/** The folder of the tarballs, packed with the addon that the tests have built. */
const tarballs = () =>
  kept('tarballs', async (folder) => {
    const script = path.join(lib.root, 'scripts', 'pack.cjs');
    await run(process.execPath, [script, '--quick', '--untried', '--out', folder]);
  });

/** A folder in which npm has installed them. */
const installed = () =>
  kept('installed', async (folder) => {
    fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
    const dir = await tarballs();
    const files = fs.readdirSync(dir).map((name) => path.join(dir, name));
    const cache = path.join(folder, 'cache');
    const args = ['install', '--offline', '--no-audit', '--no-fund', '--cache', cache, ...files];
    const { code, output } = await lib.runNpm(args, { capture: true, cwd: folder });
    if (code !== 0) throw new Error(output);
    fs.rmSync(cache, { recursive: true, force: true });
  });

/** What a program of a test gets: nothing of the tests' own surroundings. */
function surroundings(variables = {}) {
  const { NAPI_RS_NATIVE_LIBRARY_PATH: _, NODE_OPTIONS: __, NODE_PATH: ___, ...rest } = process.env;
  // Jest tells its workers so, and they tell their children.
  for (const name of Object.keys(rest)) if (/^(JEST_|npm_)/.test(name)) delete rest[name];
  return { ...rest, NODE_ENV: '', NO_COLOR: '1', FORCE_COLOR: '0', ...variables };
}

/**
 * An application's folder outside of the tree, in which Node would find the clone's own packages.
 *
 * @param {Record<string, string>} files
 * @param {{bare?: boolean}} [options] `bare`: without an installed loopwire
 */
async function application(files, { bare = false } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-application-'));
  if (!bare) {
    const modules = path.join(await installed(), 'node_modules');
    fs.cpSync(modules, path.join(folder, 'node_modules'), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return {
    folder,
    path: (/** @type {string} */ name) => path.join(folder, name),
    write: (/** @type {string} */ name, /** @type {string} */ text) =>
      fs.writeFileSync(path.join(folder, name), text),
    /** Runs a program in it to its end. @param {string} program @param {string[]} args @param {Record<string, string>} [variables] */
    run: (program, args, variables) =>
      lib.run(program, args, { capture: true, cwd: folder, env: only(surroundings(variables)) }),
    remove: () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** `lib.run` adds to this process's variables; what shall not be there is undefined. */
const only = (/** @type {Record<string, string | undefined>} */ variables) => ({
  ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])),
  ...variables,
});

/** An application of five lines, as an ES module. */
const PROGRAM = `import { emit, shutdown, startEventListener } from 'loopwire';
startEventListener(0, 'a-token-of-the-app', (event) => {
  console.log(String(event));
  shutdown();
});
emit('app:started', 'hello');
`;

/** What it prints. */
const PRINTED = '{"type":"app:started","payload":"hello"}\n';

module.exports = { PRINTED, PROGRAM, application, installed, tarballs };
