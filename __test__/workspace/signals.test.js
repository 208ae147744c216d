// Signals: those for a command that is just starting do not reach the program that starts it.
'use strict';

const { when } = require('../support/needs.cjs');
const { runNode } = require('../support/process/program.cjs');

const unix = when(process.platform !== 'win32', 'signals of Unix');

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

unix.test('a workspace that closes while commands start sends no signal to its host', async () => {
  const child = runNode(CLOSING);
  expect(await child.next()).toBe('0');
  expect(await child.ended).toMatchObject({ code: 0 });
});
