// Commands end with the process that started them, however it ends.
'use strict';

const ends = require('../support/workspace/ends.cjs');
const { start } = require('../support/process/child.cjs');
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
