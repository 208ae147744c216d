// Commands end with the process that started them, however it ends; their signals are not its own.
'use strict';

const ends = require('../support/workspace/ends.cjs');
const { start } = require('../support/process/child.cjs');
const { runNode } = require('../support/process/program.cjs');
const { when } = require('../support/needs.cjs');
const { gone, members } = require('../support/workspace/sessions.cjs');

const linux = when(process.platform === 'linux', 'Linux: its /proc tells who belongs to a session');

linux.describe('no command survives', () => {
  test.each([...ends, ['close()', 'close', undefined, { code: 0 }]])(
    '%s',
    async (_, how, signal, wanted) => {
      const program = start('workspace/terminals', { args: [how] });
      const { sessions } = await program.next();
      expect(sessions).toHaveLength(4);
      expect(members(sessions).length).toBeGreaterThanOrEqual(4);
      if (signal) program.process.kill(signal);
      else program.tell('now');
      expect(await program.ended).toMatchObject(wanted);
      await gone(sessions);
    },
    60_000,
  );
});

/** Closes workspaces while commands start in them, and counts the signals that it hears itself. */
const CLOSING = `
  const fs = require('node:fs');
  const os = require('node:os');
  const path = require('node:path');
  const { setTimeout: sleep } = require('node:timers/promises');
  let heard = 0;
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => (heard += 1));
  (async () => {
    for (let n = 0; n < 30; n += 1) {
      const root = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-signals-'));
      const workspace = loopwire.openWorkspace(root, { watch: 'onDemand' });
      const run = () => workspace.execute('sleep 60').catch(() => {});
      const commands = [run()];
      // Between all of the moments of a start.
      if (n % 2) await sleep((n * 7) % 40);
      for (let m = 0; m < 4; m += 1) commands.push(run());
      if (n % 3) await sleep(n % 5);
      await workspace.close();
      await Promise.all(commands);
      fs.rmSync(root, { recursive: true, force: true });
    }
    // A signal is heard in a turn of the event loop.
    await sleep(50);
    console.log(heard);
    await loopwire.shutdown();
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.removeAllListeners(name);
  })();`;

linux.test('a workspace that closes while commands start sends no signal to its host', async () => {
  const child = runNode(CLOSING);
  expect(await child.next()).toBe('0');
  expect(await child.ended).toMatchObject({ code: 0 });
});
