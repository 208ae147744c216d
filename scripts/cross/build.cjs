// Builds the addon for one target, and looks at what came out.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const lib = require('../lib.cjs');
const { needs } = require('./binary/needs.cjs');
const { compare } = require('./binary/version.cjs');
const { at } = require('./place.cjs');
const stubs = require('./stubs.cjs');
const { library, named, platform } = require('./targets.cjs');
const { standard, zig } = require('./toolchain.cjs');

/** @typedef {import('./targets.cjs').Target} Target */
/** @typedef {import('./toolchain.cjs').Tools} Tools */
/**
 * @typedef {object} Built
 * @property {number} bytes
 * @property {string} system the oldest system, as the file says
 * @property {string} profile
 * @property {string} std where Rust's standard library came from
 * @property {number} seconds
 */

/** Where the addon of a target is put. @param {Target} target */
const addon = ({ folder }) => path.join(lib.root, 'npm', folder, `loopwire.${folder}.node`);

/** What the linker needs of a system that is not here. @param {Target} target @param {Tools} tools @returns {Promise<{flags: string[], env: Record<string, string>}>} */
async function missing(target, tools) {
  if (platform(target) === 'darwin') {
    return { flags: ['-L', `framework=${await stubs.frameworks()}`], env: {} };
  }
  if (platform(target) === 'win32') {
    const arch = target.triple.startsWith('aarch64') ? 'arm64' : 'x64';
    return {
      flags: [],
      env: { LIBNODE_PATH: await stubs.node(tools.zig, arch) },
    };
  }
  return { flags: [], env: {} };
}

/** Whether a file is for the platform, and asks for no newer system than it may. @param {Target} target @param {ReturnType<typeof needs>} found */
function agree(target, found) {
  const [wanted, arch] = target.folder.split('-');
  if (found.platform !== wanted || found.arch !== arch) {
    throw new lib.Problem(`the file is for ${found.platform}-${found.arch}`);
  }
  // The version in a header of Windows says nothing of what the file calls.
  if (wanted !== 'win32') {
    const [kind] = target.oldest.split(' ');
    if (!found.system.startsWith(kind) || compare(found.system, target.oldest) > 0) {
      throw new lib.Problem(`the file asks for ${found.system}, and not for ${target.oldest}`);
    }
  }
  // Those of a compiler are nowhere but on the machine that has it.
  const foreign = found.libraries.find((each) => /^lib.*\.dll$|^libgcc|^libunwind/i.test(each));
  if (foreign) throw new lib.Problem(`the file needs ${foreign}, which no such system has`);
}

/** @typedef {{profile: string, std?: 'rustup' | 'debian', lane?: number}} Options `lane` has files of its own: two calls of cargo in one folder wait for each other */

/**
 * Calls cargo with what a target needs; where it has put its files, and where the standard library came from.
 *
 * @param {Target} target
 * @param {string[]} command of cargo-zigbuild, with its own options
 * @param {Options} options
 */
async function cargo(target, command, { profile, std: forced, lane = 1 }) {
  const tools = await zig();
  const { std, args, env } = await standard(target.triple, forced);
  const { flags, env: more } = await missing(target, tools);
  const variable = target.triple.toUpperCase().replaceAll('-', '_');
  const home = process.env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');
  const rustflags = [...(target.flags ?? []), ...flags];
  // A panic says in which file it is. What is shipped does so without the folders of whoever has built it.
  const renamed = [`${path.join(home, 'registry', 'src')}=registry`, `${lib.root}=loopwire`];
  if (profile === 'dist') rustflags.push(...renamed.map((each) => `--remap-path-prefix=${each}`));
  const folder = at(`cargo-${std}-${lane}`);
  const line = [...command, '--locked', '--profile', profile, '--target', named(target)];
  line.push('--target-dir', folder, ...args);
  const { code, output } = await lib.run(tools.zigbuild, line, {
    capture: true,
    echo: 'stderr',
    env: {
      PATH: `${path.dirname(tools.zigbuild)}${path.delimiter}${process.env.PATH}`,
      CARGO_INCREMENTAL: '0',
      // They would hide those of the target.
      RUSTFLAGS: undefined,
      CARGO_ENCODED_RUSTFLAGS: undefined,
      // Only to try it: without what makes the file ten times as large.
      CARGO_PROFILE_DEV_STRIP: 'debuginfo',
      // Two that make the same links in it at once fail.
      CARGO_ZIGBUILD_CACHE_DIR: at('zigbuild', String(lane)),
      CARGO_ZIGBUILD_ZIG_PATH: tools.zig,
      ZIG_GLOBAL_CACHE_DIR: at('zig'),
      ZIG_LOCAL_CACHE_DIR: at('zig'),
      [`CARGO_TARGET_${variable}_RUSTFLAGS`]: rustflags.join(' '),
      ...target.env,
      ...more,
      ...env,
    },
  });
  if (code !== 0) throw new lib.Problem(why(output));
  return { folder, std };
}

/**
 * Builds the addon into the folder of its package.
 *
 * @param {Target} target
 * @param {Options} options
 * @returns {Promise<Built>}
 */
async function build(target, options) {
  const begun = Date.now();
  const { profile } = options;
  const command = ['zigbuild', '--lib', '-p', 'loopwire-node'];
  const { folder, std } = await cargo(target, command, options);
  const kind = profile === 'dev' ? 'debug' : profile;
  const from = path.join(folder, target.triple, kind, library(target));
  const bytes = fs.readFileSync(from);
  const found = needs(bytes);
  agree(target, found);
  fs.copyFileSync(from, addon(target));
  return {
    bytes: bytes.length,
    system: found.system,
    profile,
    std,
    seconds: Math.round((Date.now() - begun) / 1000),
  };
}

/** Whether all crates compile for a target, which makes no file. @param {Target} target */
const check = (target) => cargo(target, ['check', '--workspace'], { profile: 'dev' });

/** The first thing that cargo, the compiler or the linker says of a failure. @param {string} output */
function why(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const first = lines.find((line) => /^(error|ld|.*undefined symbol)/i.test(line));
  return first ?? lines.findLast(Boolean) ?? 'no words';
}

module.exports = { addon, build, check };
