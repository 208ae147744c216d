// Bundlers without configuration: the bundled application runs, and finds the native core in node_modules.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../../scripts/lib.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { PRINTED, PROGRAM, application } = require('../support/package/packed.cjs');

/** For the two that have no command line of their own. */
const WEBPACK = `
const [, , packer, mode] = process.argv;
const options = { entry: './src/main.mjs', target: 'node', mode, context: __dirname };
const output = { path: __dirname + '/out', filename: 'main.cjs' };
import(packer).then(({ default: pack }) => {
  pack({ ...options, output }, (error, stats) => {
    if (error) throw error;
    console.log(stats.toString('errors-warnings'));
  });
});
`;

/** Vite leaves dependencies out of a server's build unless it is told otherwise. */
const INLINE = 'export default { ssr: { noExternal: true } };';
const LIBRARY = `export default {
  build: { lib: { entry: 'src/main.mjs', formats: ['es', 'cjs'], fileName: 'main' } },
};`;

const at = (/** @type {string} */ name) => path.join(tool('bundlers') ?? '', name);
const ESBUILD = ['src/main.mjs', '--bundle', '--platform=node'];

/** @type {[string, string, string[], string][]} name, script of the tool, its arguments, the bundle */
const BUNDLERS = [
  ['esbuild', 'esbuild/bin/esbuild', [...ESBUILD, '--outfile=out/main.cjs'], 'out/main.cjs'],
  [
    'esbuild to an ES module',
    'esbuild/bin/esbuild',
    [...ESBUILD, '--format=esm', '--minify', '--outfile=out/main.mjs'],
    'out/main.mjs',
  ],
  ['rolldown', 'rolldown/bin/cli.mjs', ['src/main.mjs', '-o', 'out/main.mjs'], 'out/main.mjs'],
  [
    'rolldown to CommonJS',
    'rolldown/bin/cli.mjs',
    ['src/main.mjs', '--format', 'cjs', '--platform', 'node', '-o', 'out/main.cjs'],
    'out/main.cjs',
  ],
  [
    'vite',
    'vite/bin/vite.js',
    ['build', '--ssr', 'src/main.mjs', '--outDir', 'out'],
    'out/main.mjs',
  ],
  [
    'vite with all dependencies inlined',
    'vite/bin/vite.js',
    ['build', '--ssr', 'src/main.mjs', '--outDir', 'out', '-c', 'inline.mjs'],
    'out/main.mjs',
  ],
  [
    'vite as a library',
    'vite/bin/vite.js',
    ['build', '--outDir', 'out', '-c', 'library.mjs'],
    'out/main.mjs',
  ],
  ['webpack', 'webpack.cjs', [at('webpack/lib/index.js'), 'production'], 'out/main.cjs'],
  [
    'webpack for development',
    'webpack.cjs',
    [at('webpack/lib/index.js'), 'development'],
    'out/main.cjs',
  ],
  ['rspack', 'webpack.cjs', [at('@rspack/core/dist/index.js'), 'production'], 'out/main.cjs'],
  [
    'rspack for development',
    'webpack.cjs',
    [at('@rspack/core/dist/index.js'), 'development'],
    'out/main.cjs',
  ],
  ['electron-vite', 'electron-vite/bin/electron-vite.js', ['build'], 'out/main/index.js'],
];

/** Copies the addon out of the packages of an application. @param {Awaited<ReturnType<typeof application>>} app @param {string} folder */
function copyAddon(app, folder) {
  const abi = lib.platformAbi();
  const addon = `loopwire.${abi}.node`;
  const from = app.path(`node_modules/@loopwire/binding-${abi}/${addon}`);
  fs.copyFileSync(from, path.join(folder, addon));
}

needs('bundlers').describe('an application is bundled by', () => {
  /** @type {Awaited<ReturnType<typeof application>>} */
  let app;

  beforeAll(async () => {
    app = await application({
      // A development dependency, as of an application that is shipped as a bundle.
      'package.json': '{"main":"out/main/index.js","devDependencies":{"loopwire":"*"}}',
      'src/main.mjs': PROGRAM,
      'webpack.cjs': WEBPACK,
      'inline.mjs': INLINE,
      'library.mjs': LIBRARY,
      // Where electron-vite looks, with the least that it wants.
      'src/main/index.js': PROGRAM,
      'src/preload/index.js': '',
      'src/renderer/index.html': '<p></p>',
    });
  }, 300_000);
  afterEach(() => fs.rmSync(app.path('out'), { recursive: true, force: true }));
  afterAll(() => app?.remove());

  test.each(BUNDLERS)(
    '%s',
    async (name, script, args, bundle) => {
      const program = script === 'webpack.cjs' ? script : at(script);
      const built = await app.run(process.execPath, [program, ...args]);
      expect(built).toMatchObject({ code: 0 });
      // Neither a warning of its own nor one of a module that it does not find.
      expect(built.output.replaceAll(/.*(CJS build|deprecated).*/g, '')).not.toMatch(
        /warn|externalized|unresolved|can't resolve|could not/i,
      );
      expect(fs.statSync(app.path(bundle)).size).toBeLessThan(200_000);
      // The addon has stayed where it was.
      const files = fs.readdirSync(app.path('out'), { recursive: true });
      expect(files.filter((file) => String(file).endsWith('.node'))).toEqual([]);
      // It must find its place without the help of stacks, too.
      for (const flags of [[], ['--stack-trace-limit=0']]) {
        const ran = await app.run(process.execPath, [...flags, bundle]);
        expect(ran).toMatchObject({ code: 0, output: PRINTED });
      }

      if (name === 'vite') return;
      // What it finds is in node_modules: without that, it says so.
      const elsewhere = await application({}, { bare: true });
      try {
        const copy = `main${path.extname(bundle)}`;
        if (copy === 'main.js') elsewhere.write('package.json', '{"type":"module"}');
        fs.copyFileSync(app.path(bundle), elsewhere.path(copy));
        const { code, output } = await elsewhere.run(process.execPath, [copy]);
        expect(output).toContain("code: 'ERR_BINDING_MISSING'");
        expect(code).toBe(1);
      } finally {
        elsewhere.remove();
      }
    },
    60_000,
  );

  test('an ES module says that it needs Node 20.16, which lets it have the modules of Node', async () => {
    const out = 'out/main.mjs';
    await app.run(process.execPath, [
      at('esbuild/bin/esbuild'),
      ...ESBUILD,
      '--format=esm',
      `--outfile=${out}`,
    ]);
    app.write('old.cjs', 'delete process.getBuiltinModule;');
    expect(await app.run(process.execPath, ['-r', './old.cjs', out])).toMatchObject({
      code: 1,
      output: expect.stringMatching(/ES module needs Node\.js 20\.16[^]*ERR_NODE_TOO_OLD/),
    });
  }, 60_000);

  needs('bun').test(
    'Bun, to a single executable',
    async () => {
      const args = ['build', '--compile', 'src/main.mjs', '--outfile', 'out/app'];
      expect(await app.run(tool('bun'), args)).toMatchObject({ code: 0 });
      copyAddon(app, app.path('out'));
      expect(await app.run(app.path('out/app'), [])).toMatchObject({ code: 0, output: PRINTED });
    },
    60_000,
  );

  needs('node26').test(
    'esbuild and Node, to a single executable',
    async () => {
      await app.run(process.execPath, [
        at('esbuild/bin/esbuild'),
        ...ESBUILD,
        '--outfile=out/main.cjs',
      ]);
      app.write('sea.json', JSON.stringify({ main: 'out/main.cjs', output: 'out/app' }));
      const built = await app.run(tool('node26'), ['--build-sea', 'sea.json']);
      expect(built).toMatchObject({ code: 0 });
      const quiet = { NODE_NO_WARNINGS: '1' };
      // It finds the package above itself, and an addon that lies beside it.
      expect(await app.run(app.path('out/app'), [], quiet)).toMatchObject({ output: PRINTED });
      const alone = await application({}, { bare: true });
      try {
        fs.copyFileSync(app.path('out/app'), alone.path('app'));
        const missing = await alone.run(alone.path('app'), []);
        expect(missing.output).toContain("code: 'ERR_BINDING_MISSING'");
        copyAddon(app, alone.folder);
        expect(await alone.run(alone.path('app'), [], quiet)).toMatchObject({ output: PRINTED });
      } finally {
        alone.remove();
      }
    },
    60_000,
  );
});
