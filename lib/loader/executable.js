// What is read off a program's or an addon's first bytes (ELF, on Linux).
'use strict';

const { builtin } = require('./builtin.js');

const { Buffer } = builtin('node:buffer');

/** Linkers write the name of the dynamic loader into these. */
const HEAD_BYTES = 2048;

/** Where the header has the place, the size and the number of sections; their table ends the file. */
const TABLE_AT = 40;
const ENTRY_BYTES_AT = 58;
const ENTRIES_AT = 60;
const HEADER_BYTES = 64;
const MAGIC = 0x7f454c46;

/** What `look` makes of the first bytes of a file; nothing if it cannot be read. */
function start(file, look) {
  const fs = builtin('node:fs');
  try {
    const descriptor = fs.openSync(file);
    try {
      const bytes = Buffer.allocUnsafe(HEAD_BYTES);
      const read = fs.readSync(descriptor, bytes);
      return look(bytes.subarray(0, read), fs, descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/** The C library that a program was linked with: `linux` is glibc. */
function library(file) {
  return start(file, (bytes) => /\/ld-(musl|linux)/.exec(bytes.latin1Slice())?.[1]);
}

/** How many bytes an addon lacks at its end: the system would end the process with SIGBUS as it loads that. */
function lacking(file) {
  return start(file, lackingOf) ?? 0;
}

function lackingOf(bytes, fs, descriptor) {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE() !== MAGIC) return 0;
  const table = Number(bytes.readBigUInt64LE(TABLE_AT));
  const end = table + bytes.readUInt16LE(ENTRY_BYTES_AT) * bytes.readUInt16LE(ENTRIES_AT);
  // V8 has compiled a read already. Asking for the size takes longer than all else here.
  const has = (at) => fs.readSync(descriptor, bytes, 0, 1, at) === 1;
  if (Number.isSafeInteger(end) && has(end - 1)) return 0;
  return Math.max(0, end - fs.fstatSync(descriptor).size);
}

module.exports = { lacking, library };
