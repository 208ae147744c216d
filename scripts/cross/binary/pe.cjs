// What a PE file asks of the system (Windows): its processor, its libraries, and the subsystem's version.
'use strict';

const MACHINES = new Map([
  [0x8664, 'x64'],
  [0xaa64, 'arm64'],
]);
const PLUS = 0x20b;
const IMPORT_BYTES = 20;

/** @param {Buffer} bytes */
function pe(bytes) {
  const head = bytes.readUInt32LE(0x3c);
  if (bytes.toString('latin1', head, head + 4) !== 'PE\0\0') throw new Error('not a PE file');
  const optional = head + 24;
  if (bytes.readUInt16LE(optional) !== PLUS) throw new Error('not a PE file of 64 bits');
  const table = optional + bytes.readUInt16LE(head + 20);
  const sections = Array.from({ length: bytes.readUInt16LE(head + 6) }, (_, index) => {
    const at = table + index * 40;
    return {
      size: Math.max(bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 16)),
      address: bytes.readUInt32LE(at + 12),
      offset: bytes.readUInt32LE(at + 20),
    };
  });
  /** Where in the file something is that has an address. @param {number} address */
  const place = (address) => {
    const one = sections.find(
      (each) => address >= each.address && address < each.address + each.size,
    );
    if (!one) throw new Error(`no section holds the address ${address}`);
    return address - one.address + one.offset;
  };
  const libraries = [];
  const imports = bytes.readUInt32LE(optional + 120);
  // The table ends with an entry that has no name.
  for (let at = imports && place(imports); at && bytes.readUInt32LE(at + 12); at += IMPORT_BYTES) {
    const from = place(bytes.readUInt32LE(at + 12));
    libraries.push(bytes.toString('latin1', from, bytes.indexOf(0, from)));
  }
  return {
    arch: MACHINES.get(bytes.readUInt16LE(head + 4)) ?? 'unknown',
    libraries,
    system: `${bytes.readUInt16LE(optional + 48)}.${bytes.readUInt16LE(optional + 50)}`,
  };
}

module.exports = { pe };
