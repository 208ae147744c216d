// The eight platforms: for each the folder of its package, how it is built here, and what it asks of the system.
'use strict';

/**
 * @typedef {object} Target
 * @property {string} folder in npm/, and the end of the package's name
 * @property {string} triple what cargo calls it
 * @property {string} [glibc] the version of glibc that it is linked against
 * @property {string[]} [flags] of rustc
 * @property {Record<string, string>} [env]
 * @property {string} oldest the oldest system that it is made for; no built file may ask for a newer one
 */

/** @type {Target[]} */
const TARGETS = [
  {
    folder: 'linux-x64-gnu',
    triple: 'x86_64-unknown-linux-gnu',
    glibc: '2.17',
    oldest: 'glibc 2.17',
  },
  {
    folder: 'linux-arm64-gnu',
    triple: 'aarch64-unknown-linux-gnu',
    glibc: '2.17',
    oldest: 'glibc 2.17',
  },
  {
    folder: 'linux-x64-musl',
    triple: 'x86_64-unknown-linux-musl',
    // An addon is a shared library, which needs the libc of the process that loads it.
    flags: ['-C', 'target-feature=-crt-static'],
    oldest: 'musl',
  },
  {
    folder: 'linux-arm64-musl',
    triple: 'aarch64-unknown-linux-musl',
    flags: ['-C', 'target-feature=-crt-static'],
    oldest: 'musl',
  },
  {
    folder: 'darwin-x64',
    triple: 'x86_64-apple-darwin',
    env: { MACOSX_DEPLOYMENT_TARGET: '10.15' },
    oldest: 'macOS 10.15',
  },
  {
    folder: 'darwin-arm64',
    triple: 'aarch64-apple-darwin',
    env: { MACOSX_DEPLOYMENT_TARGET: '11.0' },
    oldest: 'macOS 11.0',
  },
  // Node for Windows loads these as well as what MSVC makes: the Node-API is plain C. The name says what Node is.
  { folder: 'win32-x64-msvc', triple: 'x86_64-pc-windows-gnu', oldest: 'Windows 10' },
  { folder: 'win32-arm64-msvc', triple: 'aarch64-pc-windows-gnullvm', oldest: 'Windows 10' },
];

/** What cargo-zigbuild calls it. @param {Target} target */
const named = ({ glibc, triple }) => (glibc ? `${triple}.${glibc}` : triple);

/** The system of a target, as Node says `process.platform`. @param {Target} target */
const platform = ({ folder }) => folder.split('-')[0];

/** The library that cargo leaves. @param {Target} target */
function library(target) {
  const names = { darwin: 'libloopwire_node.dylib', win32: 'loopwire_node.dll' };
  return /** @type {Record<string, string>} */ (names)[platform(target)] ?? 'libloopwire_node.so';
}

module.exports = { TARGETS, library, named, platform };
