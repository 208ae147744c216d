// Which crate, and inside a crate which room, may import which: checked against the sources.
//
//   node scripts/arrows.cjs                  checks everything
//   node scripts/arrows.cjs --crate NAME     the rooms of one crate alone
//   node scripts/arrows.cjs --print          prints the rooms
//
// The allowed order is in scripts/layout/rooms.json and nowhere else. An order that nobody checks is soon broken:
// one `use` in a hurry, and the channel knows an engine.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { parseArgs } = require('node:util');
const javascript = require('./layout/javascript.cjs');
const lib = require('./lib.cjs');
const rooms = require('./layout/rooms.cjs');
const sizes = require('./layout/sizes.cjs');

/** @type {{crates: Record<string, string[]>, rooms: Record<string, string[]>}} */
const LAYOUT = JSON.parse(fs.readFileSync(path.join(__dirname, 'layout', 'rooms.json'), 'utf8'));

/** The one crate that may speak Node-API, and the one that may speak C. */
const NODE = 'loopwire-node';
const C = 'loopwire-capi';
/** What tests share: it is in no build that is shipped, and its code before main is registered as C's. */
const TESTING = 'loopwire-testing';

/**
 * What breaks the rules between crates, in sentences.
 *
 * @param {{name: string, dependencies: {name: string, kind?: string | null, optional?: boolean}[], sources: Record<string, string>}[]} packages
 */
function violations(packages) {
  const found = [];
  for (const { name, dependencies, sources } of packages) {
    const allowed = LAYOUT.crates[name];
    if (!allowed) {
      found.push(`${name} is a crate without a row in scripts/layout/rooms.json`);
      continue;
    }
    const shipped = dependencies.filter(
      (one) => one.name !== TESTING || !(one.kind === 'dev' || one.optional),
    );
    for (const dependency of new Set(shipped.map((one) => one.name))) {
      if (dependency.startsWith('loopwire-') && !allowed.includes(dependency)) {
        found.push(`${name} must not import ${dependency}`);
      }
      if (/^napi(-|$)/.test(dependency) && name !== NODE) {
        found.push(`${name} must not import ${dependency}: only ${NODE} speaks Node-API`);
      }
    }
    // Node-API calls functions with the calling convention of C.
    if ([C, NODE, TESTING].includes(name)) continue;
    for (const [file, text] of Object.entries(sources)) {
      const code = text.replace(/^\s*\/\/.*$/gm, '');
      if (/extern\s+"C"|no_mangle/.test(code)) {
        found.push(`${file} has \`extern "C"\` or \`no_mangle\`: only ${C} speaks C`);
      }
    }
  }
  return found;
}

/** The Rust files under a folder. @param {string} dir @returns {Record<string, string>} */
function rustFiles(dir) {
  if (!fs.existsSync(dir)) return {};
  const files = fs.readdirSync(dir, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    files
      .filter((file) => file.endsWith('.rs'))
      .map((file) => path.join(dir, file))
      .map((file) => [path.relative(lib.root, file), fs.readFileSync(file, 'utf8')]),
  );
}

/** The files of the repository, tracked or about to be, or nothing where git does not know them. */
function ownFiles() {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const names = execFileSync('git', args, { cwd: lib.root, encoding: 'utf8' }).split('\0');
    const here = names.filter((name) => name && fs.existsSync(path.join(lib.root, name)));
    const code = here.filter((name) => /\.(rs|js|cjs|mjs|ts)$/.test(name));
    return Object.fromEntries(
      code.map((name) => [name, fs.readFileSync(path.join(lib.root, name), 'utf8')]),
    );
  } catch {
    return null;
  }
}

/** The packages of the workspace, as cargo has them. */
async function metadata() {
  const args = ['metadata', '--format-version', '1', '--no-deps', '--quiet'];
  const { code, output } = await lib.run('cargo', args, { capture: true });
  if (code !== 0) throw new lib.Problem(output);
  return JSON.parse(output.slice(output.indexOf('{"packages"'))).packages;
}

/** @param {{manifest_path: string}} one */
const libOf = (one) => path.join(path.dirname(one.manifest_path), 'src', 'lib.rs');

/** @param {string[]} argv */
async function main(argv) {
  const { values } = parseArgs({
    args: argv,
    options: { crate: { type: 'string' }, print: { type: 'boolean' } },
  });
  /** @type {{name: string, manifest_path: string, dependencies: {name: string}[]}[]} */
  const packages = await metadata();
  const order = Object.keys(LAYOUT.crates);
  packages.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  const chosen = packages.filter(({ name }) => !values.crate || name === values.crate);
  if (chosen.length === 0) throw new lib.Problem(`there is no crate ${values.crate}`);
  if (values.print) {
    const drawn = chosen.map((one) => rooms.picture(one.name, libOf(one), LAYOUT.rooms));
    console.log(drawn.join('\n\n'));
    return 0;
  }

  const found = chosen.flatMap((one) => rooms.violations(one.name, libOf(one), LAYOUT.rooms));
  if (!values.crate) {
    const sources = (/** @type {{manifest_path: string}} */ one) =>
      rustFiles(path.join(path.dirname(one.manifest_path), 'src'));
    found.push(...violations(packages.map((one) => ({ ...one, sources: sources(one) }))));
    const files = ownFiles();
    if (files) found.push(...sizes.violations(files), ...javascript.violations(files));
    else console.log('not looked at: sizes and JavaScript, which needs git and a clone');
  }
  for (const sentence of found) console.error(sentence);
  if (found.length === 0) console.log(`${chosen.length} crates, every import as drawn`);
  return found.length > 0 ? 1 : 0;
}

module.exports = { violations };

if (require.main === module) lib.cli(() => main(process.argv.slice(2)));
