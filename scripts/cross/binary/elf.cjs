// What an ELF file asks of the system (Linux): its processor, its libraries, and the versions that it wants of them.
'use strict';

const MACHINES = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);
const SECTION_DYNAMIC = 6;
const SECTION_VERSION_NEEDS = 0x6ffffffe;
const DYNAMIC_NEEDED = 1;

/** The text that begins at a place. @param {Buffer} bytes @param {number} at */
const text = (bytes, at) => bytes.toString('latin1', at, bytes.indexOf(0, at));

/** Its table of sections. @param {Buffer} bytes */
function sections(bytes) {
  const table = Number(bytes.readBigUInt64LE(40));
  const [size, count] = [bytes.readUInt16LE(58), bytes.readUInt16LE(60)];
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * size;
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
      link: bytes.readUInt32LE(at + 40),
      count: bytes.readUInt32LE(at + 44),
    };
  });
}

/**
 * @param {Buffer} bytes
 * @returns {{arch: string, libraries: string[], versions: Record<string, string[]>}} `versions` by the library's name
 */
function elf(bytes) {
  const all = sections(bytes);
  /** @type {string[]} */
  const libraries = [];
  /** @type {Record<string, string[]>} */
  const versions = {};
  for (const { type, offset, size, link, count } of all) {
    const strings = all[link]?.offset;
    if (type === SECTION_DYNAMIC) {
      for (let at = offset; at < offset + size; at += 16) {
        if (bytes.readBigUInt64LE(at) !== BigInt(DYNAMIC_NEEDED)) continue;
        libraries.push(text(bytes, strings + Number(bytes.readBigUInt64LE(at + 8))));
      }
    }
    if (type !== SECTION_VERSION_NEEDS) continue;
    for (let at = offset, left = count; left > 0; at += bytes.readUInt32LE(at + 12), left -= 1) {
      const names = [];
      let entry = at + bytes.readUInt32LE(at + 8);
      for (let index = bytes.readUInt16LE(at + 2); index > 0; index -= 1) {
        names.push(text(bytes, strings + bytes.readUInt32LE(entry + 8)));
        entry += bytes.readUInt32LE(entry + 12);
      }
      versions[text(bytes, strings + bytes.readUInt32LE(at + 4))] = names;
    }
  }
  return { arch: MACHINES.get(bytes.readUInt16LE(18)) ?? 'unknown', libraries, versions };
}

module.exports = { elf };
