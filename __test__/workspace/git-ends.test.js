// Git operations that are ended: by `cancel()`, by a signal, by the end of the workspace.
'use strict';

const fs = require('node:fs');
const { listeners } = require('../support/channel/client.cjs');
const loopwire = require('../..');
const { USERS, failure, open } = require('../support/git/http-workspace.cjs');
const { needs, when } = require('../support/needs.cjs');

const LONG = 90_000;

listeners(loopwire);

needs('git').describe('an operation', () => {
  const linux = when(process.platform === 'linux', 'Linux: its /proc has the processes');
  linux.test.each(['cancel()', 'a signal', 'close()'])(
    'ends in the middle by %s, and leaves neither a process nor half of a clone',
    async (way) => {
      const { workspace, url, at } = await open({ slow: true }, 10_000_000);
      const controller = new AbortController();
      const options = { url, targetDir: 'copy', signal: controller.signal };
      const cloning = workspace.git.clone(options);
      const failed = failure(cloning);
      for await (const { phase } of cloning.progress) if (phase === 'receiving') break;
      const inWorkspace = () =>
        fs.readdirSync('/proc').filter((pid) => {
          try {
            return fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(at());
          } catch {
            return false;
          }
        });
      expect(inWorkspace().length).toBeGreaterThan(0);
      if (way === 'cancel()') cloning.cancel();
      else if (way === 'a signal') controller.abort('enough');
      else await workspace.close();
      const error = await failed;
      if (way === 'a signal') {
        expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' });
      } else {
        expect(error.code).toBe('CANCELLED');
      }
      expect(inWorkspace()).toEqual([]);
      expect(fs.readdirSync(at())).toEqual([]);
    },
    LONG,
  );

  test('a signal that has fired already starts nothing', async () => {
    const { workspace, url, server } = await open();
    const signal = AbortSignal.abort();
    const error = await failure(workspace.git.clone({ url, targetDir: 'a', signal }));
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
    expect(server.asked).toEqual([]);
    expect(() => workspace.git.clone({ url, signal })).toThrow('options.targetDir');
  });

  test('cancelling while the application thinks ends the question', async () => {
    const { workspace, url } = await open({ users: USERS });
    let cloning;
    const answered = Promise.withResolvers?.() ?? later();
    cloning = workspace.git.clone({
      url,
      targetDir: 'a',
      onCredentials: () => {
        cloning.cancel();
        return answered.promise;
      },
    });
    expect((await failure(cloning)).code).toBe('CANCELLED');
    answered.resolve({ username: 'bob' });
  });
});

function later() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
