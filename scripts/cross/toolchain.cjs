// What builds for another platform: a linker and a C compiler (zig), and Rust's standard library for the target.
//
// The standard library comes ready from rustup, or is built of its sources with Debian's compiler, which is unpacked beside
// the machine's own and called by its path.
'use strict';

const { execFile, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const lib = require('../lib.cjs');
const { download, unpack } = require('./apt.cjs');
const { at, current, must, once, recipe } = require('./place.cjs');

/** From PyPI: the whole of zig is in a wheel. */
const WHEELS = ['ziglang==0.17.1', 'cargo-zigbuild==0.24.1'];

/** Debian's compiler for browsers is newer than its own; these are its parts. */
const DEBIAN = ['rustc-web', 'cargo-web', 'rust-web-src'];

/** How long rustup may take for one standard library. */
const RUSTUP_MS = 120_000;

/** Rustup is asked for one after the other: it writes in one place. @type {Promise<unknown>} */
let turn = Promise.resolve();
/** Why rustup cannot be reached: it is not asked again. @type {string | null} */
let unreachable = null;

/** @typedef {{zig: string, zigbuild: string}} Tools programs */

const wheels = at('wheels', WHEELS.join('+').replaceAll('==', '-'));

/** @type {Tools} */
const TOOLS = {
  zig: path.join(wheels, 'ziglang', 'zig'),
  zigbuild: path.join(wheels, 'bin', 'cargo-zigbuild'),
};

/** Fetched, if they are not there. */
async function zig() {
  await once(wheels, async (made) => {
    const args = ['-m', 'pip', 'install', '-q', '--no-compile', '--target', made, ...WHEELS];
    await must('python3', args);
  });
  return TOOLS;
}

/** What is missing to check a target without fetching anything. @param {string} triple @returns {string | null} */
function lacking(triple) {
  if (!fs.existsSync(TOOLS.zigbuild)) return 'needs zig: npm run cross fetches it';
  return installed().includes(triple) ? null : `needs rustup target add ${triple}`;
}

/** The installed standard libraries of the machine's own compiler. */
const installed = () =>
  spawnSync('rustup', ['target', 'list', '--installed'], { encoding: 'utf8' }).stdout?.split(
    '\n',
  ) ?? [];

/** Rust's standard library from rustup; why not, if it cannot be had. @param {string} triple @returns {Promise<string | null>} */
function byRustup(triple) {
  const asked = turn.then(() => add(triple));
  turn = asked;
  return asked;
}

/** @param {string} triple @returns {Promise<string | null>} */
async function add(triple) {
  if (unreachable || installed().includes(triple)) return unreachable;
  try {
    await promisify(execFile)('rustup', ['target', 'add', triple], { timeout: RUSTUP_MS });
    return null;
  } catch (error) {
    const { code, killed, stderr } = /** @type {any} */ (error);
    if (killed) return (unreachable = `rustup: no answer within ${RUSTUP_MS / 1000} s`);
    if (code === 'ENOENT') return (unreachable = 'there is no rustup');
    return `rustup: ${String(stderr).trim().split('\n').pop()}`;
  }
}

/** Debian's compiler; the variables by which cargo finds it. */
async function debian() {
  const folder = await current(at('side'), recipe('toolchain', 'apt'), async (made) => {
    await unpack(await download({ suite: 'bookworm', arch: 'amd64' }, DEBIAN), made);
  });
  const rust = path.join(folder, 'usr', 'lib', 'rust-web');
  const libraries = path.join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
  const bin = fs.existsSync(path.join(rust, 'bin')) ? rust : path.join(folder, 'usr');
  return {
    CARGO: path.join(bin, 'bin', 'cargo'),
    RUSTC: path.join(bin, 'bin', 'rustc'),
    LD_LIBRARY_PATH: [path.join(bin, 'lib'), libraries].join(path.delimiter),
    RUSTC_BOOTSTRAP: '1',
  };
}

/**
 * What cargo is called with for a target.
 *
 * @param {string} triple
 * @param {'rustup' | 'debian' | undefined} forced
 * @returns {Promise<{std: string, args: string[], env: Record<string, string | undefined>}>}
 */
async function standard(triple, forced) {
  const refused = forced === 'debian' ? 'not asked' : await byRustup(triple);
  if (!refused) return { std: 'rustup', args: [], env: {} };
  if (forced === 'rustup') throw new lib.Problem(refused);
  if (!forced) console.log(`${triple}: std of Debian's sources, since ${refused}`);
  const parts = 'std,panic_unwind,panic_abort,test,proc_macro';
  return { std: 'debian', args: [`-Zbuild-std=${parts}`], env: await debian() };
}

module.exports = { lacking, standard, zig };
