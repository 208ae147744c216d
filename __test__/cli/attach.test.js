// `loopwire attach`: a terminal that runs in a served workspace, continued here.
'use strict';

const { once } = require('node:events');
const { DetachKeys } = require('../../lib/cli/attach/detach-keys.js');
const { choose } = require('../../lib/cli/attach/choose.js');
const { when } = require('../support/needs.cjs');
const { onTerminal, run, served, start } = require('../support/process/served.cjs');

const LONG = 90_000;
const unix = when(process.platform !== 'win32', 'terminals of Unix');

/** What a terminal of the application has put out. */
function reading(terminal) {
  const heard = { text: '' };
  heard.over = (async () => {
    for await (const piece of terminal.output) heard.text += piece.toString();
  })();
  return heard;
}

unix.describe('a terminal', () => {
  test(
    'is continued with what it has said before, typed into, resized, and left by the detach keys',
    async () => {
      const { url, workspace } = await served();
      const line =
        'echo before; stty size; read x; stty size; echo "got $x"; read y; echo "and $y"';
      const terminal = await workspace.terminal({ command: line });
      const heard = reading(terminal);
      const screen = await onTerminal(workspace, ['attach', url, String(terminal.id)], {
        cols: 91,
        rows: 17,
      });
      await screen.until(/before\r\n24 80\r\n/);
      screen.terminal.write('one\r');
      await screen.until(/17 91\r\ngot one\r\n/);
      screen.terminal.write('\x10\x11');
      expect(await screen.end()).toEqual({ code: 0, restored: true });
      expect(screen.text).toContain(`detached; ${terminal.id} runs on`);
      terminal.write('two\r');
      expect(await terminal.exit).toMatchObject({ exitCode: 0 });
      await heard.over;
      expect(heard.text).toContain('and two\r\n');
    },
    LONG,
  );

  test(
    'has its exit code here, also for who comes after its end, and other keys detach',
    async () => {
      const { url, workspace } = await served();
      const terminal = await workspace.terminal({ command: 'echo begun; read x; exit 9' });
      void reading(terminal);
      const args = ['attach', url, String(terminal.id), '--detach-keys', 'ctrl-a,d'];
      const first = await onTerminal(workspace, args);
      await first.until(/begun/);
      first.terminal.write('\x01d');
      expect(await first.end()).toEqual({ code: 0, restored: true });
      const second = await onTerminal(workspace, ['attach', url, String(terminal.id)]);
      await second.until(/begun/);
      second.terminal.write('\r');
      expect(await second.end()).toEqual({ code: 9, restored: true });
      expect(await run(['attach', url, String(terminal.id)])).toMatchObject({ code: 9 });
    },
    LONG,
  );

  test(
    'is set back here after a signal and an error',
    async () => {
      const { url, workspace, listener } = await served();
      const terminal = await workspace.terminal({ command: 'echo begun; read x' });
      void reading(terminal);
      const args = ['attach', url, String(terminal.id)];
      const killed = await onTerminal(workspace, args);
      await killed.until(/begun/);
      process.kill(await killed.pid(), 'SIGTERM');
      expect(await killed.end()).toEqual({ code: 0, restored: true });
      const lost = await onTerminal(workspace, args);
      await lost.until(/begun/);
      listener.rotateToken();
      expect(await lost.end()).toEqual({ code: 125, restored: true });
      expect(lost.text).toContain('rotated');
    },
    LONG,
  );

  test.each([
    ['the detach keys', 'typed\x10\x11', /detached; term-\d+ runs on/],
    ['Ctrl+C', '\x03', /gives up/],
  ])(
    'that is lost for ever is left by %s, also behind other keys',
    async (_, keys, said) => {
      const { cutter, workspace } = await served();
      const terminal = await workspace.terminal({ command: 'echo begun; read x' });
      void reading(terminal);
      const screen = await onTerminal(workspace, ['attach', cutter.url, String(terminal.id)]);
      await screen.until(/begun/);
      cutter.refusing = true;
      cutter.cut();
      await screen.until(/trying again \(Ctrl\+C gives up\)\r\n/);
      screen.terminal.write(keys);
      expect(await screen.end()).toEqual({ code: 0, restored: true });
      expect(screen.text).toMatch(said);
    },
    LONG,
  );

  test(
    'goes on at its exact byte when the connection is cut, and what is typed arrives once',
    async () => {
      const { cutter, workspace } = await served({ scrollbackBytes: 16 << 20 });
      const line = 'while read x && [ "$x" != end ]; do seq "$x" $((x + 2000)); done';
      const terminal = await workspace.terminal({ command: line, pty: false });
      const heard = reading(terminal);
      const child = start(['attach', cutter.url, String(terminal.id)]);
      child.read();
      for (let n = 0; n < 40; n += 1) {
        if (n % 2) cutter.cutAfter(1 + n * 200);
        child.stdin.write(`${n * 1000}\n`);
        // The first connection has to succeed.
        if (n === 0) await once(child.stdout, 'data');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      child.stdin.end('end\n');
      const { code, out, errors } = await child.ended;
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      await heard.over;
      expect(out.length).toBe(heard.text.length);
      expect(out).toBe(heard.text);
      expect(heard.text.split('\n')).toHaveLength(40 * 2001 + 1);
      expect(cutter.cuts).toBeGreaterThan(2);
    },
    LONG,
  );
});

unix.describe('which one', () => {
  test(
    'is the only one that runs; of several they are listed',
    async () => {
      const { url, workspace } = await served();
      expect(await run(['attach', url])).toMatchObject({
        code: 125,
        errors: 'loopwire: no terminal runs in this workspace\n',
      });
      const first = await workspace.terminal({ command: 'read x; exit 6', pty: false });
      expect(await run(['attach', url], { input: 'x\n' })).toMatchObject({ code: 6 });
      await first.exit;
      for (const command of ['read "one"', 'read two']) await workspace.terminal({ command });
      const { code, errors } = await run(['attach', url]);
      expect(code).toBe(125);
      expect(errors).toMatch(
        /^loopwire: 2 terminals run: give the ID of one:\nID .*COMMAND\nterm-2 .*read "one"\nterm-3 /,
      );
      expect(await run(['attach', url, 'term-99'])).toMatchObject({
        code: 125,
        errors: expect.stringContaining('there is no terminal term-99:\nID'),
      });
    },
    LONG,
  );

  test('a number and a text may look alike', () => {
    const all = [
      { id: 7, running: true, pty: true, cwd: '/' },
      { id: '7', running: true, pty: true, cwd: '/' },
    ];
    expect(choose(all, '7')).toBe(all[1]);
    expect(choose(all.slice(0, 1), '7')).toBe(all[0]);
  });
});

/** What of these pieces is passed on, and whether the keys were among them. */
const typed = (keys, ...pieces) => {
  const detach = new DetachKeys(keys);
  const all = pieces.map((piece) => detach.pass(Buffer.from(piece)));
  return [all.map(({ bytes }) => bytes.toString()).join('|'), all.some((one) => one.detach)];
};

describe('detach keys', () => {
  test('are held back until it is clear what they are', () => {
    expect(typed(undefined, 'a\x10b')).toEqual(['a\x10b', false]);
    expect(typed(undefined, 'a\x10', 'b')).toEqual(['a|\x10b', false]);
    expect(typed(undefined, 'a\x10', '\x11')).toEqual(['a|', true]);
    expect(typed(undefined, '\x10\x10\x11')).toEqual(['\x10', true]);
    expect(typed('a,a,b', 'aaab')).toEqual(['a', true]);
    expect(typed('a,b,a,c', 'ababac')).toEqual(['ab', true]);
    expect(typed('~', 'x~y')).toEqual(['x', true]);
    expect(typed('ctrl-\\,ctrl-@', '\x1c\0')).toEqual(['', true]);
  });

  test.each(['', 'ctrl-', 'ctrl-ab', 'ab', 'a,', 'ctrl-1', 'ü', 'a,b,c,d,e,f,g,h,i'])(
    '%j are none',
    (keys) => {
      expect(() => new DetachKeys(keys)).toThrow('--detach-keys must be');
    },
  );
});
