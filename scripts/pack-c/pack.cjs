// Packs the C library for this platform into dist/, and shows that a program builds against the unpacked tarball in one command.
//
//   npm run pack:c                             builds with the `dist` profile first (some minutes)
//   node scripts/pack-c/pack.cjs --library FOLDER   packs the libloopwire.so and libloopwire.a of that folder
//   node scripts/pack-c/pack.cjs --untried          does not build programs
//   node scripts/pack-c/pack.cjs --out FOLDER       somewhere else than dist/
//
// Linux only: elsewhere a library is named, linked and stripped in other ways, which nothing here has tried.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const lib = require('../lib.cjs');

const { version } = require('../../package.json');

const HEADER = path.join(lib.root, 'crates', 'capi', 'include', 'loopwire.h');
/** What Rust's standard library needs of the system: `rustc --print native-static-libs`. */
const SYSTEM = '-lgcc_s -lutil -lrt -lpthread -lm -ldl';

/**
 * Runs a tool, whose output is shown if it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Parameters<typeof lib.run>[2]} [options]
 */
async function must(command, args, options) {
  const { code, output, stdout } = await lib.run(command, args, { capture: true, ...options });
  if (code !== 0) throw new lib.Problem(`${output}\n\`${command} ${args.join(' ')}\` failed.`);
  return stdout;
}

/**
 * The flags of rustc that are set, and those that keep the folders of this machine out of the library: a panic says in which
 * file it is, and so each file of a dependency would be named with the home of whoever has built it.
 */
function flags() {
  const { CARGO_ENCODED_RUSTFLAGS: encoded, RUSTFLAGS: plain, CARGO_HOME: home } = process.env;
  const set = encoded?.split('\x1f') ?? plain?.split(' ') ?? [];
  const sources = path.join(home ?? path.join(os.homedir(), '.cargo'), 'registry', 'src');
  const renamed = [`${sources}=registry`, `${lib.root}=loopwire`];
  return [...set, ...renamed.map((each) => `--remap-path-prefix=${each}`)].filter(Boolean);
}

/** Builds with the profile that is shipped; where the libraries are. */
async function buildDist() {
  console.log('Building the C library with the dist profile (some minutes) …');
  const triple = lib.hostTriple();
  const args = ['rustc', '-p', 'loopwire-capi', '--lib', '--profile', 'dist', '--target', triple];
  // Without the third type, which is for tests and turns off the optimization across crates.
  args.push('--crate-type', 'cdylib,staticlib');
  const { code } = await lib.run('cargo', args, {
    env: { CARGO_ENCODED_RUSTFLAGS: flags().join('\x1f') },
  });
  if (code !== 0) throw new lib.Problem('The dist build failed; the reason is above.');
  return path.join(lib.root, 'target', triple, 'dist');
}

/** The functions that a program may see. @param {string} shared */
async function functions(shared) {
  const said = await must('nm', ['-D', '--defined-only', '--format=posix', shared]);
  return said.split('\n').flatMap((line) => (line ? [line.split(' ')[0]] : []));
}

/**
 * Makes one object of the static library, in which the functions of the header alone are seen. As rustc leaves it, it shows
 * every function of its dependencies: a program with another Rust library, or with a `ring` of its own, could not be linked.
 *
 * @param {string} from @param {string} to @param {string[]} names @param {string} work
 */
async function seal(from, to, names, work) {
  const [object, list] = [path.join(work, 'loopwire.o'), path.join(work, 'functions')];
  fs.writeFileSync(list, `${names.join('\n')}\n`);
  // What none of them reaches is left out. No groups: the linker would take the first one of a name, and drop ours.
  const flags = ['--whole-archive', from, '--no-whole-archive', '--gc-sections'];
  flags.push('--force-group-allocation', ...names.map((name) => `--undefined=${name}`));
  await must('ld', ['-r', '-o', object, ...flags]);
  // Without the bitcode of Rust's standard library, which other linkers would try to read.
  const needless = ['.llvmbc', '.llvmcmd'].map((section) => `--remove-section=${section}`);
  await must('objcopy', [`--keep-global-symbols=${list}`, '--strip-debug', ...needless, object]);
  await must('strip', ['--strip-unneeded', object]);
  fs.rmSync(to, { force: true });
  await must('ar', ['rcsD', to, object]);
}

/** For pkg-config; it finds the folder by the place of this file. @param {string} name @param {string[]} lines */
const config = (name, lines) => `prefix=\${pcfiledir}/../..
includedir=\${prefix}/include
libdir=\${prefix}/lib

Name: ${name}
Description: The engines of Loopwire and its events, for C
URL: https://github.com/loopwire/loopwire
Version: ${version}
Cflags: -I\${includedir}
${lines.join('\n')}
`;

/**
 * Puts the folder together that is packed.
 *
 * @param {string} dir @param {string} from where the libraries are @param {string} work
 */
async function stage(dir, from, work) {
  const at = (/** @type {string[]} */ ...parts) => path.join(dir, ...parts);
  for (const folder of ['include', 'example', 'lib/pkgconfig']) {
    fs.mkdirSync(at(folder), { recursive: true });
  }
  fs.copyFileSync(HEADER, at('include', 'loopwire.h'));
  fs.copyFileSync(path.join(lib.root, 'LICENSE'), at('LICENSE'));
  fs.copyFileSync(path.join(__dirname, 'README.md'), at('README.md'));
  fs.copyFileSync(path.join(__dirname, 'first.c'), at('example', 'first.c'));

  const shared = path.join(from, 'libloopwire.so');
  const archive = path.join(from, 'libloopwire.a');
  for (const file of [shared, archive]) {
    if (!fs.existsSync(file)) throw new lib.Problem(`${file} is missing.`);
  }
  const real = `libloopwire.so.${version}`;
  await must('strip', ['--strip-unneeded', '-o', at('lib', real), shared]);
  fs.chmodSync(at('lib', real), 0o755);
  // The name that programs ask for, and the one that the linker looks for.
  fs.symlinkSync(real, at('lib', 'libloopwire.so.0'));
  fs.symlinkSync('libloopwire.so.0', at('lib', 'libloopwire.so'));
  await seal(archive, at('lib', 'libloopwire.a'), await functions(shared), work);

  const dynamic = ['Libs: -L${libdir} -lloopwire', `Libs.private: ${SYSTEM}`];
  fs.writeFileSync(at('lib', 'pkgconfig', 'loopwire.pc'), config('loopwire', dynamic));
  const whole = [`Libs: \${libdir}/libloopwire.a ${SYSTEM}`];
  fs.writeFileSync(at('lib', 'pkgconfig', 'loopwire-static.pc'), config('loopwire-static', whole));
}

/**
 * Unpacks the tarball into an empty folder, as a stranger does, and builds and runs a program.
 *
 * @param {string} tarball @param {string} name the folder in it
 */
async function tryOut(tarball, name) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-c-'));
  try {
    await must('tar', ['-xzf', tarball, '-C', dir]);
    // It may be moved: nothing in it knows its place.
    const home = path.join(dir, 'moved');
    fs.renameSync(path.join(dir, name), home);
    const env = { PKG_CONFIG_PATH: path.join(home, 'lib', 'pkgconfig'), LD_LIBRARY_PATH: '' };
    for (const [library, search] of [
      ['loopwire', path.join(home, 'lib')],
      ['loopwire-static', ''],
    ]) {
      const build = `cc example/first.c $(pkg-config --cflags --libs ${library}) -o first`;
      await must('sh', ['-c', build], { cwd: home, env });
      const said = await must('./first', [], { cwd: home, env: { LD_LIBRARY_PATH: search } });
      const wanted = `loopwire ${version}\n{"type":"greeting","payload":"hello"}\n`;
      if (said !== wanted) throw new lib.Problem(`with ${library}, the program has said\n${said}`);
    }
    console.log('A program builds against both in one command, and runs.');
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {string} file */
const kib = (file) => `${(fs.statSync(file).size / 1024).toFixed(0)} KiB`;

/** @param {string[]} argv */
async function main(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      library: { type: 'string' },
      out: { type: 'string' },
      untried: { type: 'boolean' },
    },
  });
  if (process.platform !== 'linux') {
    throw new lib.Problem(
      'The C library is packed on Linux only; `cargo build -p loopwire-capi --release` builds it here.',
    );
  }
  const out = path.resolve(values.out ?? path.join(lib.root, 'dist'));
  const from = values.library ? path.resolve(values.library) : await buildDist();
  const name = `loopwire-c-${version}-${lib.platformAbi()}`;
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-pack-'));
  try {
    const dir = path.join(work, name);
    await stage(dir, from, work);
    fs.mkdirSync(out, { recursive: true });
    const tarball = path.join(out, `${name}.tar.gz`);
    const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name'];
    await must('tar', ['-czf', tarball, ...owner, '-C', work, name]);
    const parts = [`libloopwire.so.${version}`, 'libloopwire.a'].map(
      (file) => `${file} ${kib(path.join(dir, 'lib', file))}`,
    );
    console.log(`${path.basename(tarball)} (${kib(tarball)}): ${parts.join(', ')}`);
    if (!values.untried) await tryOut(tarball, name);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

lib.cli(() => main(process.argv.slice(2)));
