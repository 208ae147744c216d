// Which crate may import which: the arrows of the architecture, checked against `cargo metadata`.
//
// An arrow that nobody checks is a wish: one `use` in a hurry, and the channel knows an engine.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('./lib.cjs');

/** What each crate of ours may import of ours, `harness` and tests included. */
const ARROWS = {
  'loopwire-channel': [],
  'loopwire-forward': ['loopwire-channel', 'loopwire-trust'],
  'loopwire-workspace': ['loopwire-channel'],
  'loopwire-runtime': ['loopwire-channel', 'loopwire-forward', 'loopwire-workspace'],
  // A client like any other: it knows the wire, and nothing of who is at its other end.
  'loopwire-tail': ['loopwire-trust'],
  'loopwire-trust': [],
  'loopwire-node': ['loopwire-channel', 'loopwire-runtime', 'loopwire-tail'],
  'loopwire-capi': ['loopwire-channel', 'loopwire-runtime'],
};

/** The one crate that may speak Node-API, and the one that may speak C. */
const NODE = 'loopwire-node';
const C = 'loopwire-capi';

/**
 * What breaks the rules, in sentences.
 *
 * @param {{name: string, dependencies: {name: string}[], sources: Record<string, string>}[]} packages
 */
function violations(packages) {
  const found = [];
  for (const { name, dependencies, sources } of packages) {
    const allowed = ARROWS[/** @type {keyof typeof ARROWS} */ (name)];
    if (!allowed) {
      found.push(`${name} is a crate without a row in scripts/arrows.cjs`);
      continue;
    }
    for (const dependency of new Set(dependencies.map((one) => one.name))) {
      if (
        dependency.startsWith('loopwire-') &&
        !allowed.includes(/** @type {never} */ (dependency))
      ) {
        found.push(`${name} must not import ${dependency}`);
      }
      if (/^napi(-|$)/.test(dependency) && name !== NODE) {
        found.push(`${name} must not import ${dependency}: only ${NODE} speaks Node-API`);
      }
    }
    if (name === C) continue;
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

async function main() {
  const args = ['metadata', '--format-version', '1', '--no-deps', '--quiet'];
  const { code, output } = await lib.run('cargo', args, { capture: true });
  if (code !== 0) throw new lib.Problem(output);
  const json = output.slice(output.indexOf('{"packages"'));
  const packages = JSON.parse(json).packages.map((/** @type {any} */ one) => ({
    ...one,
    sources: rustFiles(path.join(path.dirname(one.manifest_path), 'src')),
  }));
  const found = violations(packages);
  for (const sentence of found) console.error(sentence);
  if (found.length === 0) console.log(`${packages.length} crates, every arrow as drawn`);
  return found.length > 0 ? 1 : 0;
}

module.exports = { violations };

if (require.main === module) lib.cli(main);
