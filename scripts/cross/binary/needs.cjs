// What a built addon needs: read off the file, whatever it was built for.
'use strict';

const { elf } = require('./elf.cjs');
const { macho } = require('./macho.cjs');
const { pe } = require('./pe.cjs');
const { compare } = require('./version.cjs');

/** The newest of some versions such as `GLIBC_2.9` and `GLIBC_2.34`, as `2.34`. @param {string[]} names */
const newest = (names) => names.toSorted(compare).pop()?.split('_')[1];

/** @param {ReturnType<typeof elf>} file */
function library({ libraries, versions }) {
  const glibc = newest(
    Object.values(versions)
      .flat()
      .filter((name) => /^GLIBC_\d/.test(name)),
  );
  if (glibc) return `glibc ${glibc}`;
  return libraries.some((name) => /^libc\.(so$|musl)/.test(name)) ? 'musl' : 'no C library';
}

/**
 * The platform that a file is for, and the oldest system that can load it as far as the file says so.
 *
 * @param {Buffer} bytes
 * @returns {{platform: string, arch: string, libraries: string[], system: string}}
 */
function needs(bytes) {
  const magic = bytes.readUInt32BE(0);
  if (magic === 0x7f454c46) {
    const file = elf(bytes);
    return { platform: 'linux', ...file, system: library(file) };
  }
  if (magic === 0xcffaedfe) {
    const file = macho(bytes);
    return { platform: 'darwin', ...file, system: `macOS ${file.system}` };
  }
  if (magic >>> 16 === 0x4d5a) {
    const file = pe(bytes);
    return { platform: 'win32', ...file, system: `Windows NT ${file.system}` };
  }
  throw new Error('neither ELF, nor Mach-O, nor PE');
}

module.exports = { needs };
