// The C library as `npm run pack:c` lays it out, made of the build that the tests use, so that programs find it by pkg-config.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { version } = require('../../../package.json');
const { root } = require('../documents/markdown.cjs');

/** The shared library of the build that cargo's tests make, or null. */
function built() {
  const target = path.join(root, 'target');
  if (!fs.existsSync(target)) return null;
  const files = fs
    .readdirSync(target)
    .map((triple) => path.join(target, triple, 'debug', 'deps', 'libloopwire.so'));
  return files.find((file) => fs.existsSync(file)) ?? null;
}

/** The names under which the linker and the loader look for it. */
const NAMES = ['libloopwire.so', 'libloopwire.so.0'];

/** What Rust's standard library needs of the system. */
const SYSTEM = '-lgcc_s -lutil -lrt -lpthread -lm -ldl';

/** A folder with library, header and file for pkg-config, until `remove` is called. */
class Prefix {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-c-'));

  /** @param {string} library */
  constructor(library) {
    const [lib, include] = ['lib', 'include'].map((name) => path.join(this.folder, name));
    for (const folder of [path.join(lib, 'pkgconfig'), include])
      fs.mkdirSync(folder, { recursive: true });
    for (const name of NAMES) fs.symlinkSync(library, path.join(lib, name));
    const header = path.join(root, 'crates', 'capi', 'include', 'loopwire.h');
    fs.copyFileSync(header, path.join(include, 'loopwire.h'));
    const archive = library.replace(/\.so$/, '.a');
    if (fs.existsSync(archive)) fs.symlinkSync(archive, path.join(lib, 'libloopwire.a'));
    this.#config('loopwire', '-L${libdir} -lloopwire');
    this.#config('loopwire-static', `\${libdir}/libloopwire.a ${SYSTEM}`);
  }

  /** Writes a file for pkg-config. @param {string} name @param {string} libs */
  #config(name, libs) {
    const lines = [
      `prefix=${this.folder}`,
      'libdir=${prefix}/lib',
      'includedir=${prefix}/include',
      `Name: ${name}`,
      'Description: the C library of Loopwire',
      `Version: ${version}`,
      `Libs: ${libs}`,
      'Cflags: -I${includedir}',
    ];
    const file = path.join(this.folder, 'lib', 'pkgconfig', `${name}.pc`);
    fs.writeFileSync(file, `${lines.join('\n')}\n`);
  }

  /** What a program and its compiler find it by. */
  get env() {
    const lib = path.join(this.folder, 'lib');
    return { PKG_CONFIG_PATH: path.join(lib, 'pkgconfig'), LD_LIBRARY_PATH: lib };
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { Prefix, built };
