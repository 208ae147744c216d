// What `npm run cross` reads off files and writes for linkers, and its table of platforms.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { needs } = require('../../scripts/cross/binary/needs.cjs');
const { compare } = require('../../scripts/cross/binary/version.cjs');
const { current, once } = require('../../scripts/cross/place.cjs');
const { NOWHERE, ROOTS } = require('../../scripts/cross/roots.cjs');
const { TARGETS, library, named, platform } = require('../../scripts/cross/targets.cjs');
const { externs, tbd } = require('../../scripts/cross/tbd.cjs');
const { Absent, run: runStep } = require('../../scripts/smoke/step.cjs');
const { SUPPORTED } = require('../../lib/loader/platform.js');
const manifest = require('../../package.json');
const { folders } = require('../support/folders.cjs');
const { when } = require('../support/needs.cjs');

/**
 * An ELF file for arm64: a table of sections with a list of libraries and the versions that are wanted of them.
 *
 * @param {Record<string, string[]>} wanted
 */
function elf(wanted) {
  let strings = '\0';
  const named = (/** @type {string} */ name) => (strings += `${name}\0`).length - name.length - 1;
  const dynamic = [];
  const needs = [];
  for (const [file, versions] of Object.entries(wanted)) {
    const entry = Buffer.alloc(16);
    entry.writeBigUInt64LE(1n);
    entry.writeBigUInt64LE(BigInt(named(file)), 8);
    dynamic.push(entry);
    const head = Buffer.alloc(16 + 16 * versions.length);
    head.writeUInt16LE(1);
    head.writeUInt16LE(versions.length, 2);
    head.writeUInt32LE(named(file), 4);
    head.writeUInt32LE(16, 8);
    head.writeUInt32LE(head.length, 12);
    for (const [index, version] of versions.entries()) {
      head.writeUInt32LE(named(version), 16 + 16 * index + 8);
      head.writeUInt32LE(16, 16 + 16 * index + 12);
    }
    if (versions.length > 0) needs.push(head);
  }
  const parts = [Buffer.from(strings), Buffer.concat(dynamic), Buffer.concat(needs)];
  const head = Buffer.alloc(64);
  head.write('\x7fELF', 'latin1');
  head.writeUInt16LE(183, 18);
  head.writeUInt16LE(64, 58);
  head.writeUInt16LE(3, 60);
  let at = 64;
  const types = [3, 6, 0x6ffffffe];
  const table = parts.map((part, index) => {
    const section = Buffer.alloc(64);
    section.writeUInt32LE(types[index], 4);
    section.writeBigUInt64LE(BigInt(at), 24);
    section.writeBigUInt64LE(BigInt(part.length), 32);
    section.writeUInt32LE(0, 40);
    section.writeUInt32LE(needs.length, 44);
    at += part.length;
    return section;
  });
  head.writeBigUInt64LE(BigInt(at), 40);
  return Buffer.concat([head, ...parts, ...table]);
}

test('the newest version of glibc that an ELF file asks for is found, number by number', () => {
  const versions = { 'libc.so.6': ['GLIBC_2.2.5', 'GLIBC_2.17'], 'libm.so.6': ['GLIBC_2.9'] };
  const file = elf({ ...versions, 'libgcc_s.so.1': ['GCC_4.2.0'], 'libdl.so.2': [] });
  expect(needs(file)).toEqual({
    platform: 'linux',
    arch: 'arm64',
    libraries: ['libc.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libdl.so.2'],
    versions: { ...versions, 'libgcc_s.so.1': ['GCC_4.2.0'] },
    system: 'glibc 2.17',
  });
});

test('an ELF file that names the libc of musl is for musl', () => {
  expect(needs(elf({ 'libc.so': [] }))).toMatchObject({ system: 'musl' });
  expect(needs(elf({ 'libc.musl-aarch64.so.1': [] }))).toMatchObject({ system: 'musl' });
});

when(process.platform === 'linux', 'Linux').test('of this Node the same is read', () => {
  const found = needs(fs.readFileSync(fs.realpathSync(process.execPath)));
  expect(found).toMatchObject({ platform: 'linux', arch: process.arch });
  const { glibcVersionRuntime: runtime } = /** @type {any} */ (process.report.getReport()).header;
  expect(found.system).toMatch(runtime ? /^glibc 2\.\d+/ : /^musl$/);
  if (runtime) expect(compare(found.system, runtime)).toBeLessThanOrEqual(0);
});

test('of a Mach-O file the oldest macOS is read, and its libraries', () => {
  const name = '/usr/lib/libSystem.B.dylib\0';
  const bytes = Buffer.alloc(32 + 24 + 24 + 32);
  bytes.writeUInt32LE(0xfeedfacf);
  bytes.writeUInt32LE(0x0100000c, 4);
  bytes.writeUInt32LE(2, 16);
  bytes.writeUInt32LE(0x32, 32);
  bytes.writeUInt32LE(24, 36);
  bytes.writeUInt32LE((11 << 16) | (3 << 8), 32 + 12);
  bytes.writeUInt32LE(0xc, 56);
  bytes.writeUInt32LE(24 + 32, 60);
  bytes.writeUInt32LE(24, 64);
  bytes.write(name, 80, 'latin1');
  expect(needs(bytes)).toEqual({
    platform: 'darwin',
    arch: 'arm64',
    libraries: ['/usr/lib/libSystem.B.dylib'],
    system: 'macOS 11.3',
  });
});

test('of a PE file the subsystem is read, and its libraries', () => {
  const bytes = Buffer.alloc(0x400);
  bytes.write('MZ', 'latin1');
  bytes.writeUInt32LE(0x40, 0x3c);
  bytes.write('PE\0\0', 0x40, 'latin1');
  bytes.writeUInt16LE(0xaa64, 0x44);
  bytes.writeUInt16LE(1, 0x46);
  bytes.writeUInt16LE(0xf0, 0x54);
  const optional = 0x58;
  bytes.writeUInt16LE(0x20b, optional);
  bytes.writeUInt16LE(6, optional + 48);
  bytes.writeUInt16LE(2, optional + 50);
  bytes.writeUInt32LE(0x1000, optional + 120);
  const section = optional + 0xf0;
  bytes.writeUInt32LE(0x200, section + 8);
  bytes.writeUInt32LE(0x1000, section + 12);
  bytes.writeUInt32LE(0x200, section + 16);
  bytes.writeUInt32LE(0x200, section + 20);
  bytes.writeUInt32LE(0x1080, 0x200 + 12);
  bytes.write('KERNEL32.dll\0', 0x280, 'latin1');
  expect(needs(bytes)).toEqual({
    platform: 'win32',
    arch: 'arm64',
    libraries: ['KERNEL32.dll'],
    system: 'Windows NT 6.2',
  });
});

test('a file of another kind is refused', () => {
  expect(() => needs(Buffer.from('a script'))).toThrow('neither ELF, nor Mach-O, nor PE');
});

test.each([
  ['2.9', '2.17', -1],
  ['glibc 2.17', 'GLIBC_2.17', 0],
  ['2.2.5', '2.2', 1],
  ['macOS 11.0', 'macOS 10.15', 1],
  ['musl', 'musl', 0],
])('of %s and %s the newer one is known', (one, other, wanted) => {
  expect(Math.sign(compare(one, other))).toBe(wanted);
});

test('there is a target for each package, and for each a place to run or a reason', () => {
  const folders = TARGETS.map(({ folder }) => folder);
  expect([...folders].sort()).toEqual([...SUPPORTED].sort());
  expect([...Object.keys(ROOTS), ...Object.keys(NOWHERE)].sort()).toEqual([...folders].sort());
  for (const target of TARGETS) {
    const arch = target.triple.startsWith('aarch64') ? 'arm64' : 'x64';
    expect(target.folder).toMatch(`${platform(target)}-${arch}`);
    // What is made here for Windows is made with other tools than Microsoft's.
    const same = target.triple.replace(/-gnu(llvm)?$/, (end) =>
      target.triple.includes('windows') ? '-msvc' : end,
    );
    expect(manifest.napi.targets).toContain(same);
  }
});

const by = (/** @type {string} */ name) => TARGETS.find(({ folder }) => folder === name);

test('cargo is told of the version of glibc, and leaves a library named as on that system', () => {
  expect(named(by('linux-x64-gnu'))).toBe('x86_64-unknown-linux-gnu.2.17');
  expect(named(by('linux-x64-musl'))).toBe('x86_64-unknown-linux-musl');
  expect(library(by('linux-arm64-musl'))).toBe('libloopwire_node.so');
  expect(library(by('darwin-arm64'))).toBe('libloopwire_node.dylib');
  expect(library(by('win32-x64-msvc'))).toBe('loopwire_node.dll');
});

test('the names of a framework are those that a crate declares', () => {
  const source = `
extern "C" {
    pub static kCFAllocatorDefault: CFAllocatorRef;
    #[cfg(target_os = "macos")]
    pub fn CFRelease(cf: CFTypeRef);
    pub static mut kCFOther: u8;
}
pub fn of_rust() {}
pub unsafe extern "C" fn callback() {
    pub fn inside() {}
}
pub fn get() -> &'static CFType {
    extern "C-unwind" {
        // fn of_a_comment();
        fn CFGetOne(of: unsafe extern "C-unwind" fn(u8)) -> Option<&'static CFType>;
    }
}
`;
  expect(externs(source)).toEqual(['CFGetOne', 'CFRelease', 'kCFAllocatorDefault', 'kCFOther']);
});

test('the stub of a framework names its place in the system, and its symbols as the linker does', () => {
  const text = tbd('Security', ['SecRandomCopyBytes', 'kSecClass']);
  expect(text).toMatch(/^--- !tapi-tbd\ntbd-version: +4\n/);
  expect(text).toContain(
    "install-name:    '/System/Library/Frameworks/Security.framework/Versions/A/Security'",
  );
  expect(text).toContain('symbols:         [ _SecRandomCopyBytes, _kSecClass ]');
  expect(text).toMatch(/arm64-macos/);
  expect(text.endsWith('...\n')).toBe(true);
});

const workflows = path.join(__dirname, '..', '..', '.github', 'workflows');
const release = () => fs.readFileSync(path.join(workflows, 'release.yml'), 'utf8');

test('a release builds each platform, and tries it on its own system', () => {
  const [, build, tried] = release().split(/^ {2}(?:build|try):$/m);
  for (const text of [build, tried]) {
    const named = [...text.matchAll(/platform: ([\w-]+)/g)].map(([, name]) => name);
    expect([...new Set(named)].sort()).toEqual([...SUPPORTED].sort());
  }
});

test('a release publishes files, tells npm so, and goes on after a run that broke off', () => {
  const [, publish] = release().split('- name: publish\n');
  expect(publish).toContain('npm publish "./$tarball"');
  expect(publish).toMatch(/npm view "\$name@\$version" version .*then continue/);
});

describe('what is made once', () => {
  const folder = folders('cross');

  test('is made anew of another version, and the older one is deleted', async () => {
    const made = [];
    const make = (/** @type {string} */ where) => {
      made.push(where);
    };
    const root = path.join(folder(), 'linux-x64');
    const neighbour = await once(`${root}-gnu@1`, make);
    const first = await current(root, '1', make);
    expect(await current(root, '1', make)).toBe(first);
    const second = await current(root, '2', make);
    expect(made).toHaveLength(3);
    expect(fs.existsSync(first)).toBe(false);
    expect(fs.existsSync(second)).toBe(true);
    expect(fs.existsSync(neighbour)).toBe(true);
  });

  test('is tried again after a failure, and is not there before', async () => {
    const root = path.join(folder(), 'fails');
    let tries = 0;
    const make = () => {
      tries += 1;
      if (tries === 1) throw new Error('no network');
    };
    await expect(once(root, make)).rejects.toThrow('no network');
    expect(fs.existsSync(root)).toBe(false);
    await once(root, make);
    expect(fs.existsSync(root)).toBe(true);
  });
});

test.each([
  { complete: false, lacks: {}, state: 'not here', words: 'no git' },
  { complete: true, lacks: {}, state: 'failed', words: 'no git' },
  { complete: true, lacks: { git: 'Wine' }, state: 'not here', words: 'Wine: no git' },
])('a step without its program is $state with $lacks, complete: $complete', async (row) => {
  const step = {
    name: 'git',
    run: () => Promise.reject(new Absent('no git')),
  };
  const options = { ms: 1000, lacks: new Map(Object.entries(row.lacks)), complete: row.complete };
  const outcome = await runStep(step, /** @type {any} */ ({}), options);
  expect(outcome).toEqual({ name: 'git', state: row.state, words: row.words });
});

test('the files of the smoke test name no package but Node and themselves', () => {
  const scripts = path.join(__dirname, '..', '..', 'scripts');
  const files = fs.readdirSync(path.join(scripts, 'smoke')).map((name) => path.join('smoke', name));
  for (const file of ['smoke.cjs', ...files]) {
    const text = fs.readFileSync(path.join(scripts, file), 'utf8');
    for (const [, name] of text.matchAll(/require\('([^']+)'\)/g)) {
      expect(name).toMatch(/^(node:|\.\/)/);
    }
  }
});
