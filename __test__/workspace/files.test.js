// The files of a workspace as an application reads and writes them.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { folders } = require('../support/folders.cjs');
const { needs, when } = require('../support/needs.cjs');
const { run } = require('../support/process/child.cjs');

const posix = when(process.platform !== 'win32', 'permissions of POSIX');
const linux = when(process.platform === 'linux', 'Linux: its /proc has files without a size');

afterEach(() => loopwire.shutdown());
const newFolder = folders('files');

/** A new directory that ends with the test. */
const directory = () => fs.realpathSync(newFolder());

/** A workspace in a new directory. */
function open(options) {
  const folder = directory();
  return Object.assign(loopwire.openWorkspace(folder, options), { folder });
}

describe('files', () => {
  test('are written whole, with their hash, and read back', async () => {
    const workspace = open();
    const bytes = crypto.randomBytes(3 << 20);
    const sha256 = crypto.createHash('sha256').update(bytes).digest('hex');
    const written = await workspace.writeFile('a.bin', bytes, { mode: 0o600 });
    expect(written).toEqual({ path: 'a.bin', size: bytes.length, sha256, atomic: true });
    const file = path.join(workspace.folder, 'a.bin');
    expect(fs.readFileSync(file).equals(bytes)).toBe(true);
    expect(fs.statSync(file).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
    expect((await workspace.readFile(file)).equals(bytes)).toBe(true);
    await workspace.writeFile('a.bin', 'grüß dich');
    expect(await workspace.readFile('a.bin', 'utf8')).toBe('grüß dich');
    expect(fs.readdirSync(workspace.folder)).toEqual(['a.bin']);
  });

  linux.test('that do not say their size are read to their end', async () => {
    const workspace = loopwire.openWorkspace('/proc', { terminal: false });
    const expected = fs.readFileSync('/proc/filesystems', 'utf8');
    expect(await workspace.readFile('filesystems', 'utf8')).toBe(expected);
    await workspace.close();
  });

  needs('unshare').test(
    'that cannot be replaced are written in place, and that is told',
    async () => {
      const folder = newFolder();
      const [root, source] = [path.join(folder, 'root'), path.join(folder, 'source')];
      fs.mkdirSync(root);
      for (const file of [source, path.join(root, 'x')]) fs.writeFileSync(file, 'old');
      // A file that is mounted, as a container has its configuration.
      const mounted = `mount --bind '${source}' '${root}/x' && exec "$@"`;
      const under = ['unshare', '--mount', 'sh', '-c', mounted, 'sh'];
      const told = await run('workspace/writing', { args: [root, 'x', 'new'], under });
      expect(told).toMatchObject({ written: { atomic: false, size: 3 }, found: 'new' });
      expect(fs.readFileSync(source, 'utf8')).toBe('new');
      expect(fs.readFileSync(path.join(root, 'x'), 'utf8')).toBe('old');
    },
  );

  posix.test('are new with what the umask leaves', async () => {
    const workspace = open();
    const umask = process.umask(0o002);
    try {
      await workspace.writeFile('a.txt', 'x');
    } finally {
      process.umask(umask);
    }
    expect(fs.statSync(path.join(workspace.folder, 'a.txt')).mode & 0o777).toBe(0o664);
  });

  test.each([
    ['writeFile', ['in/.', 'y'], 'NOT_A_FILE'],
    ['readFile', ['in/.'], 'NOT_A_FILE'],
    ['readFile', ['../x'], 'PATH_OUTSIDE'],
    ['readFile', ['/etc/passwd'], 'PATH_OUTSIDE'],
    ['readFile', ['nothing'], 'NOT_FOUND'],
    ['readFile', ['.'], 'NOT_A_FILE'],
    ['writeFile', ['../x', 'y'], 'PATH_OUTSIDE'],
    ['writeFile', ['nowhere/x', 'y'], 'NOT_FOUND'],
  ])('%s(%j) rejects', async (method, args, code) => {
    await expect(open()[method](...args)).rejects.toMatchObject({ code });
  });

  test.each([
    ['readFile', [7]],
    ['writeFile', ['x', 7]],
    ['writeFile', ['x', 'y', { mode: '600' }]],
  ])('%s(%j) throws or rejects for its types', async (method, args) => {
    const call = async () => open()[method](...args);
    await expect(call()).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });

  test('what is too large is not read', async () => {
    const workspace = open({ maxFileBytes: 10 });
    fs.writeFileSync(path.join(workspace.folder, 'big'), 'x'.repeat(11));
    await expect(workspace.readFile('big')).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  });

  test('what was left out rejects', async () => {
    const workspace = open({ files: false });
    await expect(workspace.readFile('x')).rejects.toMatchObject({ code: 'NOT_ENABLED' });
  });
});
