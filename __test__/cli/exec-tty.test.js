// `loopwire exec --tty`: a terminal here and a terminal there.
'use strict';

const { when } = require('../support/needs.cjs');
const { onTerminal, served } = require('../support/process/served.cjs');

const LONG = 120_000;
const unix = when(process.platform !== 'win32', 'terminals of Unix');

unix.describe('with --tty', () => {
  test(
    'it is a terminal with the size of ours, and every key goes to it',
    async () => {
      const { url, workspace } = await served();
      const lines = [
        'stty size; stty -opost; printf "p\\nq"; stty opost; read x; echo "got $x"',
        'until stty size | grep -q "30 70"; do sleep 0.05; done; echo resized; exec sleep 1000',
      ];
      const args = ['exec', url, '--tty', '--', lines.join('; ')];
      const screen = await onTerminal(workspace, args, { cols: 91, rows: 17 });
      await screen.until(/17 91\r\np\nq/);
      screen.terminal.write('typed\r');
      await screen.until(/got typed\r\n/);
      screen.terminal.resize(70, 30);
      await screen.until(/resized/);
      screen.terminal.write('\x03');
      expect(await screen.end()).toEqual({ code: 130, restored: true });
    },
    LONG,
  );

  test(
    'a terminal is set back after signals and after an error, too',
    async () => {
      const { url, workspace, listener } = await served();
      const args = [
        'exec',
        url,
        '-t',
        '--',
        'trap "echo first" TERM; echo begun; while :; do sleep 0.05; done',
      ];
      const killed = await onTerminal(workspace, args);
      await killed.until(/begun/);
      const pid = await killed.pid();
      process.kill(pid, 'SIGTERM');
      await killed.until(/first/);
      process.kill(pid, 'SIGTERM');
      expect(await killed.end()).toEqual({ code: 143, restored: true });
      const lost = await onTerminal(workspace, ['exec', url, '-t', '--', 'echo begun; sleep 1000']);
      await lost.until(/begun/);
      listener.rotateToken();
      expect(await lost.end()).toEqual({ code: 125, restored: true });
      expect(lost.text).toContain('rotated');
    },
    LONG,
  );

  test(
    'a connection that is lost for ever is given up by Ctrl+C, which goes to the command before and behind that',
    async () => {
      const { cutter, workspace } = await served();
      const line = 'trap "echo first" INT; echo begun; while :; do sleep 0.05; done';
      const screen = await onTerminal(workspace, ['exec', cutter.url, '-t', '--', line]);
      await screen.until(/begun/);
      screen.terminal.write('\x03');
      await screen.until(/first/);
      cutter.refusing = true;
      cutter.cut();
      await screen.until(/trying again \(Ctrl\+C gives up\)\r\n/);
      cutter.refusing = false;
      await screen.until(/connected again/);
      screen.terminal.write('\x03');
      await screen.until(/again[^]*first/);
      cutter.refusing = true;
      cutter.cut();
      await screen.until(/again[^]*first[^]*gives up/);
      screen.terminal.write('\x03');
      expect(await screen.end()).toEqual({ code: 130, restored: true });
    },
    LONG,
  );
});
