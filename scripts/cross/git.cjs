// A git for Windows, built here of Debian's sources: no registry has one that is ready.
//
// It is git's own code for Windows, and all that happens in repositories of this machine: without what Git for Windows adds,
// a shell, `ssh` and HTTPS.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { OLDEST, download, sources, unpack } = require('./apt.cjs');
const { at, current, must, recipe } = require('./place.cjs');
const { zig } = require('./toolchain.cjs');

const SUITE = 'trixie';

/** What git can do without, and what is not here. */
const WITHOUT = [
  'NO_CURL=1',
  'NO_EXPAT=1',
  'NO_GETTEXT=1',
  'NO_ICONV=1',
  'NO_OPENSSL=1',
  'NO_PERL=1',
  'NO_PYTHON=1',
  'NO_TCLTK=1',
  'NEEDS_LIBICONV=',
  'USE_LIBPCRE=',
  'USE_NED_ALLOCATOR=',
];

/** The libraries of git's makefile, without the description of the file, which a program of Windows would have to make. */
const LIBRARIES = 'common-main.o libgit.a xdiff/lib.a reftable/libreftable.a libgit.a';

/** @param {string} made a folder that gets `git.exe` */
async function build(made) {
  const { zig: program } = await zig();
  const work = path.join(made, 'work');
  fs.mkdirSync(work);
  for (const [suite, name] of [
    [OLDEST, 'make'],
    [SUITE, 'libz-mingw-w64-dev'],
  ]) {
    const archive = { suite, arch: 'amd64', whole: true };
    await unpack(await download(archive, [name], { alone: true }), work);
  }
  const from = await sources(SUITE, 'git');
  // Python reads every archive by itself; `tar` needs a program for this one.
  await must('python3', ['-m', 'tarfile', '-e', from, work]);
  const source = fs.readdirSync(work).find((name) => name.startsWith('git-')) ?? '';
  const zlib = path.join(work, 'usr', 'x86_64-w64-mingw32');
  const variables = [
    'uname_S=MINGW',
    'uname_R=3',
    'uname_M=x86_64',
    'MSYSTEM=MINGW64',
    'BASIC_LDFLAGS=-municode',
    `CC=${program} cc -target x86_64-windows-gnu`,
    `AR=${program} ar`,
    // As in every git that is shipped, undefined behaviour is no crash, as zig would have it.
    `CFLAGS=-O0 -w -fno-sanitize=all -I${path.join(zlib, 'include')}`,
    `LDFLAGS=-L${path.join(zlib, 'lib')}`,
    `GITLIBS=${LIBRARIES}`,
    ...WITHOUT,
  ];
  const make = path.join(work, 'usr', 'bin', 'make');
  await must(make, [`-j${os.availableParallelism()}`, 'git.exe', ...variables], {
    cwd: path.join(work, source),
    env: { ZIG_GLOBAL_CACHE_DIR: at('zig'), ZIG_LOCAL_CACHE_DIR: at('zig') },
  });
  fs.copyFileSync(path.join(work, source, 'git.exe'), path.join(made, 'git.exe'));
  fs.rmSync(work, { recursive: true });
}

/** The folder that has it. */
const gitForWindows = () =>
  current(at('git-for-windows'), recipe('git', 'apt', 'toolchain'), build);

module.exports = { gitForWindows };
