// What a Mach-O file asks of the system (macOS): its processor, its libraries, and the oldest system.
'use strict';

const MACHINES = new Map([
  [0x01000007, 'x64'],
  [0x0100000c, 'arm64'],
]);
const HEADER_BYTES = 32;
const LOAD_LIBRARY = 0xc;
/** The oldest system, as older linkers write it, and as newer ones do. */
const OLDEST = 0x24;
const BUILD = 0x32;

/** `11.0`, of 16 bits and twice 8. @param {number} packed */
const version = (packed) => `${packed >>> 16}.${(packed >> 8) & 0xff}`;

/** @param {Buffer} bytes */
function macho(bytes) {
  if (bytes.readUInt32LE(0) !== 0xfeedfacf) throw new Error('not a Mach-O file of 64 bits');
  const libraries = [];
  let system = 'unknown';
  let at = HEADER_BYTES;
  for (let left = bytes.readUInt32LE(16); left > 0; left -= 1) {
    const command = bytes.readUInt32LE(at);
    if (command === LOAD_LIBRARY) {
      const from = at + bytes.readUInt32LE(at + 8);
      libraries.push(bytes.toString('latin1', from, bytes.indexOf(0, from)));
    }
    if (command === OLDEST) system = version(bytes.readUInt32LE(at + 8));
    if (command === BUILD) system = version(bytes.readUInt32LE(at + 12));
    at += bytes.readUInt32LE(at + 4);
  }
  return { arch: MACHINES.get(bytes.readUInt32LE(4)) ?? 'unknown', libraries, system };
}

module.exports = { macho };
