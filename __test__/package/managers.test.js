// Package managers: each installs from a registry, and the native core is found where it puts it.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pack, registry } = require('../support/documents/registry.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { PRINTED, PROGRAM, application } = require('../support/package/packed.cjs');
const { SUPPORTED } = require('../../lib/loader/platform.js');
const lib = require('../../scripts/lib.cjs');

const NAME = `@loopwire/binding-${lib.platformAbi()}`;
const FOREIGN = SUPPORTED.filter((name) => name !== lib.platformAbi());
const MANIFEST = JSON.stringify({ private: true, dependencies: { loopwire: '*' } });
const COMMONJS = PROGRAM.replace(/import (.*) from ('loopwire')/, 'const $1 = require($2)');

let server;
let url;
/** @type {Awaited<ReturnType<typeof application>>} */
let app;

beforeAll(async () => {
  server = await registry([...(await pack()), ...(await others())]).start();
  url = `http://127.0.0.1:${server.port}/`;
}, 300_000);
afterAll(() => server?.stop());
beforeEach(async () => {
  const files = { 'package.json': MANIFEST, 'main.cjs': COMMONJS, 'main.mjs': PROGRAM };
  app = await application(files, { bare: true });
});
afterEach(() => app.remove());

/** The packages of the other platforms, each without its addon: npm chooses by the manifest. */
async function others() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-others-'));
  try {
    for (const name of FOREIGN) {
      const from = path.join(lib.root, 'npm', name, 'package.json');
      fs.mkdirSync(path.join(folder, name));
      fs.copyFileSync(from, path.join(folder, name, 'package.json'));
    }
    const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
    args.push(...FOREIGN.map((name) => `./${name}`));
    const { code, output } = await lib.runNpm(args, { capture: true, cwd: folder });
    if (code !== 0) throw new Error(output);
    const names = fs.readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    return names.map((name) => ({ name, bytes: fs.readFileSync(path.join(folder, name)) }));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** What a program needs to find this registry, and no store, cache or setting of the user. */
const surroundings = () => ({
  HOME: app.folder,
  XDG_DATA_HOME: app.path('.data'),
  XDG_CACHE_HOME: app.path('.cache'),
  npm_config_registry: url,
  npm_config_cache: app.path('.npm'),
  pnpm_config_registry: url,
});

async function succeeds(program, args, variables) {
  const ended = await app.run(program, args, { ...surroundings(), ...variables });
  if (ended.code !== 0) throw new Error(`${program} ${args.join(' ')}\n${ended.output}`);
  return ended.output;
}

/** An application that esbuild has bundled does not see the dependencies of its dependencies. */
async function bundle() {
  const esbuild = path.join(tool('bundlers'), 'esbuild', 'bin', 'esbuild');
  const args = ['main.cjs', '--bundle', '--platform=node', '--outfile=dist/bundle.cjs'];
  await succeeds(process.execPath, [esbuild, ...args]);
}

test('npm', async () => {
  const { code, output } = await lib.runNpm(['install', '--no-audit', '--no-fund'], {
    capture: true,
    cwd: app.folder,
    env: surroundings(),
  });
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(fs.readdirSync(app.path('node_modules/@loopwire'))).toEqual([path.basename(NAME)]);
  for (const file of ['main.cjs', 'main.mjs']) {
    expect(await succeeds(process.execPath, [file])).toBe(PRINTED);
  }
}, 60_000);

test.each(FOREIGN)(
  'npm takes the package of %s alone if it installs for that',
  async (platform) => {
    const [system, cpu, libc] = platform.split('-');
    const flags = [`--os=${system}`, `--cpu=${cpu}`];
    if (system === 'linux') flags.push(`--libc=${libc === 'gnu' ? 'glibc' : libc}`);
    const { code, output } = await lib.runNpm(['install', '--no-audit', '--no-fund', ...flags], {
      capture: true,
      cwd: app.folder,
      env: surroundings(),
    });
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(fs.readdirSync(app.path('node_modules/@loopwire'))).toEqual([`binding-${platform}`]);
  },
  60_000,
);

needs('pnpm').test(
  'pnpm, with its strict node_modules',
  async () => {
    await succeeds(tool('pnpm'), ['install', '--no-frozen-lockfile']);
    // The application itself does not see the platform's package.
    expect(fs.existsSync(app.path('node_modules/@loopwire'))).toBe(false);
    for (const file of ['main.cjs', 'main.mjs']) {
      expect(await succeeds(process.execPath, [file])).toBe(PRINTED);
    }
  },
  60_000,
);

needs('pnpm', 'bundlers').test(
  'pnpm, with an application that is bundled',
  async () => {
    await succeeds(tool('pnpm'), ['install', '--no-frozen-lockfile']);
    await bundle();
    expect(await succeeds(process.execPath, ['dist/bundle.cjs'])).toBe(PRINTED);
  },
  60_000,
);

const yarn = (/** @type {string[]} */ ...args) =>
  succeeds(process.execPath, [tool('yarn'), ...args], {
    YARN_NPM_REGISTRY_SERVER: url.replace(/\/$/, ''),
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    // For main.mjs; Yarn knows by itself only in a package of the type "module".
    YARN_PNP_ENABLE_ESM_LOADER: 'true',
    // What was published a moment ago would wait for days.
    YARN_NPM_MINIMAL_AGE_GATE: '0',
    YARN_ENABLE_TELEMETRY: 'false',
    YARN_GLOBAL_FOLDER: app.path('.yarn-global'),
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  });

needs('yarn').describe("Yarn's Plug'n'Play", () => {
  test('has the addon outside of its zip files', async () => {
    await yarn('install');
    expect(fs.existsSync(app.path('node_modules'))).toBe(false);
    expect(fs.existsSync(app.path('.pnp.cjs'))).toBe(true);
    const [unplugged] = fs.readdirSync(app.path('.yarn/unplugged'));
    expect(unplugged).toMatch(`@loopwire-binding-${lib.platformAbi()}`);
    for (const file of ['main.cjs', 'main.mjs']) {
      expect(await yarn('node', file)).toBe(PRINTED);
    }
  }, 60_000);

  needs('bundlers').test(
    'runs an application that is bundled',
    async () => {
      await yarn('install');
      // esbuild reads .pnp.cjs itself.
      await bundle();
      expect(await yarn('node', 'dist/bundle.cjs')).toBe(PRINTED);
    },
    60_000,
  );
});

needs('bun').test(
  'Bun',
  async () => {
    await succeeds(tool('bun'), ['install', '--no-progress']);
    expect(await succeeds(tool('bun'), ['main.mjs'])).toBe(PRINTED);
    expect(await succeeds(process.execPath, ['main.cjs'])).toBe(PRINTED);
  },
  60_000,
);
