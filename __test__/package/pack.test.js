// The tarballs: what is in them, and that they install and work in an empty folder, offline.
//
// They are packed with the addon that the tests already have; `npm run pack:local` does the same with
// the dist profile.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..');
const manifest = require('../../package.json');
const platforms = fs
  .readdirSync(path.join(root, 'npm'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => [entry.name, require(`../../npm/${entry.name}/package.json`)]);

test('the packed tarballs install and work in an empty folder', () => {
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-dist-'));
  try {
    const script = path.join(root, 'scripts', 'pack.cjs');
    const said = execFileSync(process.execPath, [script, '--quick', '--out', out], {
      encoding: 'utf8',
    });
    expect(said).toContain('Both install into an empty folder');
    expect(fs.readdirSync(out)).toHaveLength(2);
  } finally {
    fs.rmSync(out, { recursive: true, force: true });
  }
}, 120_000);

test('the package installs nothing else and runs nothing at an install', () => {
  expect(manifest.dependencies).toBeUndefined();
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prestart', 'pretest']) {
    expect(manifest.scripts).not.toHaveProperty(name);
  }
  for (const version of Object.values(manifest.devDependencies)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test('the main tarball names files, and no addon among them', () => {
  for (const file of manifest.files) {
    expect(fs.statSync(path.join(root, file)).isFile()).toBe(true);
    expect(file).not.toMatch(/\.node$|harness|__test__|[*]/);
  }
});

test('there is one platform folder for each of the eight targets', () => {
  expect(platforms).toHaveLength(8);
  expect(manifest.napi.targets).toHaveLength(8);
});

test.each(platforms)('npm/%s agrees with package.json', (name, platform) => {
  expect(platform).toMatchObject({
    name: `${manifest.napi.packageName}-${name}`,
    version: manifest.version,
    license: manifest.license,
    engines: manifest.engines,
    preferUnplugged: true,
    main: `${manifest.napi.binaryName}.${name}.node`,
    files: [`${manifest.napi.binaryName}.${name}.node`],
  });
  expect(platform.scripts).toBeUndefined();
  expect(platform.dependencies).toBeUndefined();
});

test('Cargo and npm name the same version', () => {
  const cargo = fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8');
  expect(/\[workspace\.package\]\nversion = "(.+)"/.exec(cargo)?.[1]).toBe(manifest.version);
});
