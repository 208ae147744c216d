// What the linker wants to see of systems that are not here: frameworks of macOS, and Node's own functions on Windows.
//
// The names are read off the crates that declare them, so that they are those of Cargo.lock.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { at, must } = require('./place.cjs');
const { externs, tbd } = require('./tbd.cjs');

/** Which crates declare what a framework has. A crate that is not used asks for no stub. */
const FRAMEWORKS = {
  CoreFoundation: ['core-foundation-sys', 'objc2-core-foundation'],
  Security: ['security-framework-sys'],
  CoreServices: ['objc2-core-services'],
};

/** Where the sources of the crates are. @returns {Promise<Map<string, string>>} folders by the name */
async function crates() {
  const said = await must('cargo', ['metadata', '--locked', '--format-version', '1']);
  /** @type {{name: string, manifest_path: string}[]} */
  const packages = JSON.parse(said).packages;
  return new Map(packages.map((each) => [each.name, path.dirname(each.manifest_path)]));
}

/** Everything in a crate's sources. @param {string} folder */
function sources(folder) {
  const src = path.join(folder, 'src');
  const names = /** @type {string[]} */ (fs.readdirSync(src, { recursive: true }));
  const files = names.filter((name) => name.endsWith('.rs')).sort();
  return files.map((name) => fs.readFileSync(path.join(src, name), 'utf8')).join('\n');
}

/** Stubs of the frameworks; the folder that holds them. */
async function frameworks() {
  const all = await crates();
  const folder = at('stubs', 'frameworks');
  for (const [framework, names] of Object.entries(FRAMEWORKS)) {
    const from = names.flatMap((name) => all.get(name) ?? []);
    if (from.length === 0) continue;
    const inside = path.join(folder, `${framework}.framework`);
    fs.mkdirSync(inside, { recursive: true });
    const known = externs(from.map(sources).join('\n'));
    fs.writeFileSync(path.join(inside, `${framework}.tbd`), tbd(framework, known));
  }
  return folder;
}

/**
 * An import library of the functions that Node has for addons; the folder that holds it.
 *
 * @param {string} zig the program
 * @param {'x64' | 'arm64'} arch
 */
async function node(zig, arch) {
  const from = (await crates()).get('napi-sys') ?? '';
  const names = [...sources(from).matchAll(/\bfn ((?:napi|node_api|uv)_\w+)/g)].map(
    ([, name]) => name,
  );
  const folder = at('stubs', `node-${arch}`);
  fs.mkdirSync(folder, { recursive: true });
  const list = path.join(folder, 'node.def');
  fs.writeFileSync(list, `LIBRARY node.exe\nEXPORTS\n${[...new Set(names)].sort().join('\n')}\n`);
  const made = path.join(folder, 'libnode.a');
  await must(zig, ['dlltool', '-m', arch === 'x64' ? 'i386:x86-64' : arch, '-d', list, '-l', made]);
  // napi-build looks for a file of this name, and asks only whether it is there.
  fs.writeFileSync(path.join(folder, 'libnode.dll'), '');
  fs.copyFileSync(made, path.join(folder, 'libnode.dll.a'));
  return folder;
}

module.exports = { frameworks, node };
