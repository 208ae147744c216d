// Which prebuilt native core fits this process.
'use strict';

const { library } = require('./executable.js');

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
  const name = library(process.execPath);
  // patchelf moves the name behind everything else. The report knows, but takes milliseconds.
  return (name ? name === 'linux' : glibc()) ? 'gnu' : 'musl';
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
