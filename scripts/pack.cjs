// Packs the tarballs of a release, for this platform or for all, into dist/, checks what is in them, and shows
// that they install and work in an empty folder without a network.
//
//   npm run pack:local                      builds with the `dist` profile first
//   npm run pack:local -- --all             packs all platforms, with the addons that `npm run cross` has left in npm/
//   node scripts/pack.cjs --platforms A,B   the same of these alone
//   node scripts/pack.cjs --quick           packs the addon that bootstrap.cjs has built
//   node scripts/pack.cjs --untried         does not install them
//   node scripts/pack.cjs --out FOLDER      somewhere else than dist/
//
// The working tree is not touched: each package is put together in a folder of its own. There the
// root manifest gets `optionalDependencies` (see npm/README.md) and loses what only a clone needs.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { bundle } = require('./package/bundle.cjs');
const lib = require('./lib.cjs');

/** npm packs these whatever `files` says. */
const ALWAYS = ['LICENSE', 'README.md', 'package.json'];
/** What a user of the package has no use for: scripts among them, so that none runs at an install. */
const CLONE_ONLY = ['scripts', 'devDependencies', 'napi'];

/** @param {string} file */
const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));
/** @param {string} file @param {unknown} value */
const writeJson = (file, value) => fs.writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

/** @param {string} dir @param {string[]} args @param {Parameters<typeof lib.run>[2]} [options] */
async function npmIn(dir, args, options) {
  const { code, output } = await lib.runNpm(args, { capture: true, cwd: dir, ...options });
  if (code !== 0) throw new lib.Problem(`${output}\n\`npm ${args[0]}\` failed.`);
}

/** Builds with the profile that is shipped. @param {string} dir where the addon goes */
async function buildDist(dir) {
  console.log('Building the native core with the dist profile (some minutes) …');
  const args = ['build', '--platform', '--profile', 'dist', '--output-dir', dir];
  args.push('--no-js', '--dts', 'binding.d.ts');
  const { code } = await lib.runTool('@napi-rs/cli', args, { bin: 'napi' });
  if (code !== 0) throw new lib.Problem('The dist build failed; the reason is above.');
}

/**
 * Puts the main package together: exactly the files that `files` names, with the JavaScript API in fewer of them.
 *
 * @param {string} dir
 * @param {string[]} platforms all platform packages' names
 */
function stageRoot(dir, platforms) {
  const manifest = readJson(path.join(lib.root, 'package.json'));
  for (const file of manifest.files) {
    const stat = fs.statSync(path.join(lib.root, file), { throwIfNoEntry: false });
    // A folder or a pattern could let anything in.
    if (!stat?.isFile()) throw new lib.Problem(`package.json "files": ${file} is not a file.`);
  }
  const { made, replaced } = bundle();
  const left = manifest.files.filter((/** @type {string} */ file) => !replaced.includes(file));
  manifest.files = [...new Set([...left, ...Object.keys(made)])];
  for (const key of CLONE_ONLY) delete manifest[key];
  manifest.optionalDependencies = Object.fromEntries(
    platforms.map((name) => [name, manifest.version]),
  );
  for (const file of [...manifest.files, 'LICENSE', 'README.md']) {
    fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    if (file in made) fs.writeFileSync(path.join(dir, file), made[file]);
    else fs.copyFileSync(path.join(lib.root, file), path.join(dir, file));
  }
  writeJson(path.join(dir, 'package.json'), manifest);
  return [...manifest.files, ...ALWAYS];
}

/** Puts a platform's package together. @param {string} dir @param {string} platform @param {string} addon */
function stagePlatform(dir, platform, addon) {
  const from = path.join(lib.root, 'npm', platform);
  const manifest = readJson(path.join(from, 'package.json'));
  fs.copyFileSync(path.join(from, 'package.json'), path.join(dir, 'package.json'));
  fs.copyFileSync(path.join(from, 'README.md'), path.join(dir, 'README.md'));
  fs.copyFileSync(path.join(lib.root, 'LICENSE'), path.join(dir, 'LICENSE'));
  const copy = path.join(dir, manifest.main);
  // The dist profile leaves no debug information; what bootstrap.cjs has built is four times as large by it.
  const here = platform === lib.platformAbi() && process.platform === 'linux';
  const stripped = here && lib.succeeds('strip', ['-g', '-o', copy, addon]);
  if (!stripped) fs.copyFileSync(addon, copy);
  return [...manifest.files, ...ALWAYS];
}

/**
 * Packs one folder and compares what npm put into the tarball.
 *
 * @param {string} dir
 * @param {string} out
 * @param {string[]} expected
 */
async function pack(dir, out, expected) {
  const { code, output } = await lib.runNpm(
    ['pack', '--json', '--loglevel=silent', '--ignore-scripts', '--pack-destination', out],
    { capture: true, cwd: dir },
  );
  if (code !== 0) throw new lib.Problem(`${output}\n\`npm pack\` failed.`);
  const parsed = JSON.parse(output.slice(output.search(/^[[{]/m)));
  // npm 12 gives an object by package name, older ones a list.
  const [packed] = Array.isArray(parsed) ? parsed : Object.values(parsed);
  const got = packed.files.map((/** @type {{path: string}} */ file) => file.path).sort();
  const wanted = [...expected].sort();
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    const lists = `expected: ${wanted.join(', ')}\nin it:    ${got.join(', ')}`;
    throw new lib.Problem(`${packed.filename} does not hold what it should.\n${lists}`);
  }
  const size = `${(packed.size / 1024).toFixed(0)} KiB, ${(packed.unpackedSize / 1024).toFixed(0)} unpacked`;
  console.log(`${packed.filename} (${size}): ${got.join(', ')}`);
  return path.join(out, path.basename(packed.filename));
}

/** What a user writes first, in both module systems. @param {string} version */
const programs = (version) => ({
  'use.cjs': `
    const { getVersionInfo } = require('loopwire');
    if (getVersionInfo() !== 'loopwire/${version}') throw new Error(getVersionInfo());
    if (!require('loopwire/package.json').version) throw new Error('no version');
    const { EventClient } = require('loopwire/client');
    const client = new EventClient({ url: 'ws://a/ws/token', WebSocket: class {} });
    if (client.state.name !== 'idle') throw new Error('client');`,
  'use.mjs': `
    import { EventClient } from 'loopwire/client';
    const client = new EventClient({ url: 'ws://a/ws/token', WebSocket: class {} });
    if (client.state.name !== 'idle') throw new Error('client');
    import all, { getVersionInfo } from 'loopwire';
    import * as names from 'loopwire';
    if (getVersionInfo() !== 'loopwire/${version}') throw new Error(getVersionInfo());
    // A name that require gives and import does not is one that Node could not read off loopwire.js.
    for (const name of Object.keys(all)) if (!(name in names)) throw new Error(name);`,
});

/**
 * Installs the tarballs into an empty folder, with an empty cache and no network, and uses them.
 *
 * @param {string[]} tarballs
 * @param {string} version
 */
async function tryOut(tarballs, version) {
  // Outside of the tree: from inside, Node would find the clone's own packages.
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-install-'));
  try {
    writeJson(path.join(dir, 'package.json'), { name: 'empty', private: true });
    const flags = ['--offline', '--no-audit', '--no-fund', '--cache', path.join(dir, '.cache')];
    await npmIn(dir, ['install', ...flags, ...tarballs]);
    for (const [file, source] of Object.entries(programs(version))) {
      fs.writeFileSync(path.join(dir, file), source);
      const { code, output } = await lib.run(process.execPath, [file], {
        capture: true,
        cwd: dir,
        // The installed addon is what is tried, not one that the surroundings point at.
        env: { NAPI_RS_NATIVE_LIBRARY_PATH: undefined, NODE_PATH: undefined },
      });
      if (code !== 0) throw new lib.Problem(`${output}\n${file} failed on the installed package.`);
    }
    console.log('Both install into an empty folder offline, and answer to require and import.');
  } finally {
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The platforms that have a package. */
const folders = () =>
  fs
    .readdirSync(path.join(lib.root, 'npm'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

/** Where `npm run cross` leaves an addon. @param {string} platform */
const crossed = (platform) => path.join(lib.root, 'npm', platform, `loopwire.${platform}.node`);

/**
 * The addons that are packed, by their platforms.
 *
 * @param {string[]} args
 * @returns {Promise<[string, string][]>}
 */
async function addons(args) {
  const at = args.indexOf('--platforms');
  if (at < 0 && !args.includes('--all')) {
    const abi = lib.platformAbi();
    const dir = args.includes('--quick') ? lib.root : path.join(lib.root, 'target', 'pack');
    if (!args.includes('--quick')) await buildDist(dir);
    return [[abi, path.join(dir, `loopwire.${abi}.node`)]];
  }
  const platforms = at < 0 ? folders() : args[at + 1].split(',');
  const missing = platforms.filter((each) => !fs.existsSync(crossed(each)));
  if (missing.length > 0) {
    const names = missing.join(' ');
    throw new lib.Problem(`No addon in npm/ for ${names}: run \`npm run cross -- ${names}\`.`);
  }
  return platforms.map((each) => [each, crossed(each)]);
}

/** @param {string[]} args */
async function main(args) {
  const at = args.indexOf('--out');
  const out = path.resolve(at >= 0 ? args[at + 1] : path.join(lib.root, 'dist'));
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-pack-'));
  try {
    const names = folders().map(
      (name) => readJson(path.join(lib.root, 'npm', name, 'package.json')).name,
    );
    const packed = await addons(args);
    fs.mkdirSync(out, { recursive: true });
    const dir = path.join(work, 'root');
    fs.mkdirSync(dir);
    const main = await pack(dir, out, stageRoot(dir, names));
    /** @type {string | undefined} */
    let own;
    for (const [platform, addon] of packed) {
      if (!fs.existsSync(addon)) {
        throw new lib.Problem(`${addon} is missing: run \`node scripts/bootstrap.cjs\` first.`);
      }
      const dir = path.join(work, platform);
      fs.mkdirSync(dir);
      const tarball = await pack(dir, out, stagePlatform(dir, platform, addon));
      if (platform === lib.platformAbi()) own = tarball;
    }
    if (args.includes('--untried')) return;
    if (own) await tryOut([main, own], readJson(path.join(lib.root, 'package.json')).version);
    else console.log('None of them is for this platform: they were not tried.');
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

lib.cli(() => main(process.argv.slice(2)));
