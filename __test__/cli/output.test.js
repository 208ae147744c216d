// Standard output that cannot be written is an error with an exit code; a reader that has left is not.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { finished, loopwire: command } = require('../support/process/command-line.cjs');
const { needs, when } = require('../support/needs.cjs');
const { root } = require('../support/process/program.cjs');

const start = listeners(loopwire);
const TOKEN = 'a-token-for-the-tests';
const env = { LOOPWIRE_TOKEN: TOKEN };
const LONG = 90_000;
const linux = when(process.platform === 'linux', 'Linux');
const posix = when(process.platform !== 'win32', 'signals of Unix');

/** A shell that runs the command line with another standard output. */
const into = (file) => ['sh', '-c', `exec "$@" > ${file}`, 'sh'];

posix.test('a directory as standard output is an error', async () => {
  const under = ['sh', '-c', 'exec "$@" 1< /', 'sh'];
  const { code, errors, lines } = await finished(['--version'], { under });
  expect(errors).toMatch(/^loopwire: standard output cannot be written: .*\n$/);
  expect([code, lines]).toEqual([1, []]);
});

linux.describe('a full disk', () => {
  const full = { env, under: into('/dev/full') };
  const refused =
    /^loopwire: standard output cannot be written: ENOSPC: no space left on device.*\n$/;

  test.each([
    [['--help']],
    [['--version']],
    [['help', 'tail']],
    [['serve', '--help']],
    [['serve']],
  ])(
    'fails %j, in one sentence',
    async (args) => {
      const { code, errors } = await finished(args, full);
      expect(errors).toMatch(refused);
      expect(code).toBe(1);
    },
    LONG,
  );

  test(
    'fails tail at the first event',
    async () => {
      const listener = start({}, TOKEN);
      loopwire.emit('my:event', 'one');
      const args = ['tail', `ws://127.0.0.1:${listener.port}`, '--replay', '--quiet'];
      const { code, errors } = await finished(args, full);
      expect(errors).toMatch(refused);
      expect(code).toBe(1);
    },
    LONG,
  );

  needs('unshare').test(
    'that fills while tail writes is an error, and what is there is not half a line more than fits',
    async () => {
      const listener = start({}, TOKEN);
      const line = 'x'.repeat(10_000);
      for (let n = 0; n < 20; n += 1) loopwire.emit('my:event', line);
      const args = ['tail', `ws://127.0.0.1:${listener.port}`, '--replay', '--quiet'];
      const script =
        'mount -t tmpfs -o size=64k tmpfs /mnt && "$@" > /mnt/out; code=$?; wc -c < /mnt/out; exit $code';
      const under = ['unshare', '--mount', 'sh', '-c', script, 'sh'];
      const { code, errors, lines } = await finished(args, { env, under });
      expect(errors).toMatch(refused);
      expect(code).toBe(1);
      expect(Number(lines.at(-1))).toBe(64 << 10);
    },
    LONG,
  );
});

needs('python').test.each([['alone'], ['with SIGHUP']])(
  'a terminal that is closed (%s) has no reader: tail ends as it should',
  async (how) => {
    const listener = start({}, TOKEN);
    // Starts the program on a terminal, reads its first line, and closes the terminal.
    const script = `
import os, pty, signal, subprocess, sys
how = sys.argv[1]
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[2:], stdout=slave, stderr=subprocess.PIPE)
os.close(slave)
os.read(master, 1)
os.close(master)
if how == 'with SIGHUP':
  child.send_signal(signal.SIGHUP)
print('closed', flush=True)
errors = child.communicate()[1].decode()
print(child.returncode, errors, flush=True)
`;
    const args = ['tail', `ws://127.0.0.1:${listener.port}`, '--replay', '--quiet'];
    loopwire.emit('my:event', 'one');
    const child = command(args, { env, under: ['python3', '-c', script, how] });
    expect(await child.next()).toBe('closed');
    if (how === 'alone') loopwire.emit('my:event', 'two');
    expect(await child.next()).toBe('0 ');
  },
  LONG,
);

posix.test('a pipe that nobody reads any more is not an error', async () => {
  const under = ['sh', '-c', 'trap "" PIPE; "$@" | true; exit 0', 'sh'];
  expect(await finished(['--help'], { under })).toMatchObject({ code: 0, errors: '' });
});

test('a native package that is missing is told in one sentence', async () => {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-bare-'));
  try {
    for (const name of ['bin', 'lib', 'entry.js', 'index.js', 'binding.js', 'package.json']) {
      fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
    }
    const bare = path.join(copy, 'bin', 'loopwire.js');
    for (const args of [['serve'], ['tail', 'ws://127.0.0.1:1']]) {
      const { code, errors } = await finished(args, { env, program: bare });
      expect(errors).toMatch(
        /^loopwire: the native core of Loopwire for \w+-[^\n]* is not installed: run [^\n]*\n$/,
      );
      expect(code).toBe(1);
    }
    expect(await finished(['--version'], { program: bare })).toMatchObject({ code: 0, errors: '' });
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
});
