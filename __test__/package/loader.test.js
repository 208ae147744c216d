// The loader: which addon it takes, and what it says of one that is missing, broken or of another version.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../../scripts/lib.cjs');
const { needs, tool, when } = require('../support/needs.cjs');
const { PRINTED, PROGRAM, application } = require('../support/package/packed.cjs');
const { SUPPORTED } = require('../../lib/loader/platform.js');

const root = path.resolve(__dirname, '..', '..');
const manifest = require('../../package.json');
const abi = lib.platformAbi();
const NAME = `@loopwire/binding-${abi}`;

/** Prints what `require('loopwire')` throws. */
const TELL = `
try {
  require('loopwire');
  console.log('{}');
} catch (error) {
  const { code, message, cause } = error;
  const { code: reason, message: words } = cause ?? {};
  console.log(JSON.stringify({ code, message, reason, words, own: error instanceof Error }));
}`;

/** @type {Awaited<ReturnType<typeof application>>} */
let app;
let folder;

beforeAll(async () => {
  app = await application({ 'main.mjs': PROGRAM, 'tell.cjs': TELL });
  folder = path.join(app.folder, 'node_modules', ...NAME.split('/'));
  fs.renameSync(folder, app.path('aside'));
}, 300_000);
beforeEach(() => fs.cpSync(app.path('aside'), folder, { recursive: true }));
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
afterAll(() => app?.remove());

/** What the application is told. @param {string} [prelude] runs first @param {Record<string, string>} [variables] */
async function told(prelude = '', variables = {}) {
  app.write('prelude.cjs', prelude);
  const { code, output } = await app.run(
    process.execPath,
    ['-r', './prelude.cjs', 'tell.cjs'],
    variables,
  );
  expect({ code, output }).toMatchObject({ code: 0 });
  return JSON.parse(output);
}

const remove = () => fs.rmSync(folder, { recursive: true });
const cut = (/** @type {number} */ bytes) => fs.truncateSync(addon(), Math.floor(bytes));
const addon = () => path.join(folder, `loopwire.${abi}.node`);

test('the package of the platform is loaded', async () => {
  expect(await told()).toEqual({});
  expect(await app.run(process.execPath, ['main.mjs'])).toMatchObject({ output: PRINTED });
});

test('a package that is missing is told with the platform, the package, the command and the usual reasons', async () => {
  remove();
  const { message, ...rest } = await told();
  expect(rest).toEqual({
    code: 'ERR_BINDING_MISSING',
    reason: 'MODULE_NOT_FOUND',
    words: expect.stringContaining(`Cannot find module '${NAME}'`),
    own: true,
  });
  const [platform, arch] = abi.split('-');
  expect(message).toContain(`for ${platform}-${arch}`);
  expect(message).toContain(`\`npm install --no-save ${NAME}@${manifest.version}\``);
  expect(message).toMatch(/--omit=optional.*lockfile.*npm bug 4828/);
  // One sentence.
  expect(message).not.toMatch(/\n|\. [A-Z]/);
  // What Node prints of an error that nobody catches has the code, and the cause.
  const { output } = await app.run(process.execPath, ['main.mjs']);
  expect(output).toMatch(/code: 'ERR_BINDING_MISSING'[^]*\[cause\]: Error: Cannot find module/);
});

when(abi.startsWith('linux'), 'Linux').test('the C library is told, with its version', async () => {
  remove();
  const runtime = /** @type {any} */ (process.report.getReport()).header.glibcVersionRuntime;
  const { message } = await told();
  expect(message).toContain(runtime ? `(glibc ${runtime})` : '(musl)');
});

when(abi.startsWith('linux'), 'Linux').test.each([
  // Where the executable names its dynamic loader.
  ['Alpine', '/lib/ld-musl-x86_64.so.1', 'musl'],
  ['Debian', '/lib64/ld-linux-x86-64.so.2', 'gnu'],
  ['NixOS', '/nix/store/abc-glibc-2.40-66/lib/ld-linux-x86-64.so.2', 'gnu'],
])('the executable of %s has its C library', async (_, loader, wanted) => {
  remove();
  app.write('executable', `\x7fELF${'\0'.repeat(700)}${loader}\0${'\0'.repeat(2000)}`);
  const { message } = await told(`process.execPath = ${JSON.stringify(app.path('executable'))};`);
  expect(message).toContain(`${NAME.replace(/gnu$|musl$/, wanted)}@`);
});

when(abi.startsWith('linux'), 'Linux').test.each([
  ['glibc', '{ header: { glibcVersionRuntime: "2.99" } }', 'gnu', '(glibc 2.99)'],
  ['no glibc', '{ header: {} }', 'musl', '(musl)'],
])(
  'of an executable that names no loader the report says %s',
  async (_, report, wanted, called) => {
    remove();
    app.write('executable', '#!/bin/sh\n');
    const { message } = await told(`
    process.execPath = ${JSON.stringify(app.path('executable'))};
    process.report.getReport = () => {
      if (!process.report.excludeNetwork) throw new Error('it would look up host names');
      return ${report};
    };`);
    expect(message).toContain(`${NAME.replace(/gnu$|musl$/, wanted)}@`);
    expect(message).toContain(called);
  },
);

test.each([
  ['linux', 'ia32', /for linux-ia32 \((glibc|musl)/],
  ['freebsd', 'x64', /for freebsd-x64;/],
])('%s on %s is told as not supported', async (platform, arch, words) => {
  const { code, message } = await told(`
    Object.defineProperty(process, 'platform', { value: '${platform}' });
    Object.defineProperty(process, 'arch', { value: '${arch}' });`);
  expect(code).toBe('ERR_BINDING_MISSING');
  expect(message).toMatch(/^Loopwire has no native core for/);
  expect(message).toMatch(words);
  expect(message).toContain(SUPPORTED.join(', '));
});

test.each([
  // Each of these ends the process in the system's loader, which cannot be caught.
  [
    'cut in half',
    () => cut(fs.statSync(addon()).size / 2),
    undefined,
    /truncated: its last \d+ bytes/,
  ],
  ['cut to a page', () => cut(4096), undefined, /truncated/],
  ['cut by a byte', () => cut(fs.statSync(addon()).size - 1), undefined, /its last 1 bytes/],
  ['cut to its first bytes', () => cut(20), 'ERR_DLOPEN_FAILED', /./],
  ['empty', () => cut(0), 'ERR_DLOPEN_FAILED', /./],
  ['of another kind', () => fs.writeFileSync(addon(), 'text'), 'ERR_DLOPEN_FAILED', /./],
  ['not there in its package', () => fs.rmSync(addon()), 'MODULE_NOT_FOUND', /"main"/],
])(
  'a file that is %s is not called missing, and the reason is kept',
  async (_, harm, reason, words) => {
    harm();
    const error = await told();
    expect(error.code).toBe('ERR_BINDING_UNLOADABLE');
    expect(error.reason).toBe(reason);
    expect(error.words).toMatch(words);
    expect(error.message).toContain(folder);
    expect(error.message).not.toMatch(/not installed|\n/);
  },
);

when(process.platform === 'linux', 'Linux').test(
  'a C library that is too old is named',
  async () => {
    // The linker's own complaint: the name of a version is made one that no glibc has.
    const bytes = fs.readFileSync(addon());
    for (let from = 0, at; (at = bytes.indexOf('GLIBC_2.', from)) >= 0; from = at + 1) {
      bytes.write('GLIBC_9.', at, 'latin1');
    }
    fs.writeFileSync(addon(), bytes);
    const { code, message, words } = await told();
    expect(code).toBe('ERR_BINDING_UNLOADABLE');
    expect(message).toContain(words.split('\n')[0]);
    expect(words).toMatch(/GLIBC_9/);
  },
);

test('a package of another version is told', async () => {
  const script = app.path('node_modules/loopwire/loopwire.js');
  const text = fs.readFileSync(script, 'utf8');
  try {
    fs.writeFileSync(script, text.replace(manifest.version, '9.9.9'));
    const { code, message } = await told();
    expect(code).toBe('ERR_BINDING_VERSION');
    expect(message).toContain(
      `is loopwire/${manifest.version}, and this JavaScript is loopwire/9.9.9`,
    );
  } finally {
    fs.writeFileSync(script, text);
  }
});

test('the addon of another package is not taken for ours', async () => {
  app.write('other.cjs', 'module.exports = {};');
  const NAPI_RS_NATIVE_LIBRARY_PATH = app.path('other.cjs');
  const { code, message } = await told('', { NAPI_RS_NATIVE_LIBRARY_PATH });
  expect(code).toBe('ERR_BINDING_VERSION');
  expect(message).toContain('is not Loopwire');
});

test('the loader names the version of package.json and the platforms that have a package', () => {
  const text = fs.readFileSync(path.join(root, 'binding.js'), 'utf8');
  expect(/VERSION = '(.+)'/.exec(text)?.[1]).toBe(manifest.version);
  const folders = fs.readdirSync(path.join(root, 'npm')).filter((name) => !name.includes('.'));
  expect(SUPPORTED).toEqual(folders.sort());
  const checked = fs.readFileSync(path.join(root, 'lib', 'loader', 'node.js'), 'utf8');
  expect(manifest.engines.node).toBe(`>=${/OLDEST = (\d+)/.exec(checked)?.[1]}`);
});

test('nothing but the loader asks for the modules of Node by a `require`', () => {
  // In the ES modules that esbuild makes of CommonJS, such a call fails.
  const used = [...manifest.files].filter((name) =>
    /^(index|entry|binding|lib\/.*)\.js$/.test(name),
  );
  const bundled = used.filter((name) => !name.startsWith('lib/cli/'));
  const calls = bundled.filter((name) =>
    /require\('node:/.test(fs.readFileSync(path.join(root, name), 'utf8')),
  );
  expect(calls).toEqual([]);
});

needs('old-node').test(
  'a Node that is too old is told so, by the package and by the command',
  async () => {
    const node = tool('old-node');
    const version = (await app.run(node, ['--version'])).output.trim();
    const words = `Loopwire needs Node.js 20 or newer; this is Node.js ${version} (${fs.realpathSync(node)})`;
    const { message, code } = JSON.parse(
      (await app.run(node, ['-e', TELL.replace('?? {}', '|| {}')])).output,
    );
    expect({ code, message }).toEqual({ code: 'ERR_NODE_TOO_OLD', message: words });
    expect(await app.run(node, ['node_modules/loopwire/bin/loopwire.js', '--help'])).toMatchObject({
      code: 1,
      output: `loopwire: ${words}\n`,
    });
  },
);
