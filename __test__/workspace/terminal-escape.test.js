// What has left the session of its command outlives neither the workspace nor the process, however that ends.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const ends = require('../support/workspace/ends.cjs');
const { start } = require('../support/process/child.cjs');
const { until } = require('../support/until.cjs');
const { when } = require('../support/needs.cjs');

const linux = when(process.platform === 'linux', 'Linux: its /proc tells which processes are ours');

/** Whether a process exists and is not a zombie. @param {number} pid */
function isAlive(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

linux.describe('what has left its session ends with the process', () => {
  let root;
  let stranger;

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-escape-'));
    // Somebody else's, which only looks like one of ours.
    const env = { ...process.env, LOOPWIRE_TRACKING_ID: '1234567890123456789' };
    stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore', env });
  });

  afterEach(() => {
    const survived = isAlive(stranger.pid);
    stranger.kill('SIGKILL');
    fs.rmSync(root, { recursive: true });
    expect(survived).toBe(true);
  });

  test.each(ends)(
    '%s',
    async (_, how, signal, wanted) => {
      const program = start('workspace/escapees', { args: [how, root] });
      const { escaped } = await program.next();
      expect(escaped.map(isAlive)).toEqual([true, true, true, true]);
      if (signal) program.process.kill(signal);
      else program.tell('now');
      expect(await program.ended).toMatchObject(wanted);
      await until(() => !escaped.some(isAlive), `the end of ${escaped}`);
    },
    60_000,
  );

  test.each([
    ['close()', 'close', { closed: true }],
    ['shutdown()', 'shutdown', { closed: true }],
    ['the end of a worker', 'worker', { terminated: true }],
  ])(
    '%s, while the process goes on',
    async (_, how, wanted) => {
      const program = start('workspace/escapees', { args: [how, root] });
      const { escaped } = await program.next();
      expect(escaped.map(isAlive)).toEqual([true, true, true, true]);
      program.tell('now');
      expect(await program.next()).toEqual(wanted);
      // A worker's end kills, which takes effect a moment later. The others have waited for it.
      if (how === 'worker') await until(() => !escaped.some(isAlive), `the end of ${escaped}`);
      expect(escaped.map(isAlive)).toEqual([false, false, false, false]);
      program.process.kill('SIGKILL');
      await program.ended;
    },
    60_000,
  );
});
