// Which prebuilt native core fits this process.
'use strict';

const { builtin } = require('./builtin.js');

/** The platforms that have one. */
const SUPPORTED = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'linux-x64-gnu',
  'linux-x64-musl',
  'win32-arm64-msvc',
  'win32-x64-msvc',
];

/** The start of an executable, in which linkers write the name of the dynamic loader. */
const HEAD_BYTES = 2048;

/** This process's platform as in the names of the packages: `linux-x64-gnu`. */
function abi() {
  const { arch, platform } = process;
  if (platform === 'linux') return `linux-${arch}-${libc()}`;
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

/** The C library that this process runs on. Others may be installed beside it. */
function libc() {
  // Deno asks its user before a file is read, and exists for glibc only.
  if (process.versions.deno) return 'gnu';
  const name = /\/ld-(musl|linux)/.exec(head(process.execPath))?.[1];
  // patchelf moves the name behind everything else. The report knows, but takes milliseconds.
  return (name ? name === 'linux' : glibc()) ? 'gnu' : 'musl';
}

function head(file) {
  const fs = builtin('node:fs');
  try {
    const descriptor = fs.openSync(file);
    try {
      const bytes = new Uint8Array(HEAD_BYTES);
      fs.readSync(descriptor, bytes);
      return String.fromCharCode(...bytes);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/** The version of glibc, if this process runs on it. */
function glibc() {
  const { report } = process;
  if (!report) return undefined;
  const { excludeNetwork } = report;
  // Host names of open sockets would be looked up.
  report.excludeNetwork = true;
  try {
    return report.getReport().header.glibcVersionRuntime;
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

module.exports = { SUPPORTED, abi, glibc };
