// A client that attaches after a full-screen program has drawn more than is kept: its screen (xterm.js) has the
// modes of the one that saw everything.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { listeners, tokenOf } = require('../support/channel/client.cjs');
const { folders } = require('../support/folders.cjs');
const { needs } = require('../support/needs.cjs');
const { Viewer } = require('../support/workspace/viewer.cjs');

const start = listeners(loopwire);
const newFolder = folders('modes');
const SIZE = { cols: 80, rows: 24 };

/** Far more than the 64 KiB that are kept. */
const DRAWN_BYTES = 165_000;

/** A program on a screen that has drawn a lot and has stopped, and a client that comes only then. */
async function late({ command, files = {}, ready, redraw, binary }) {
  const folder = newFolder();
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  loopwire.openWorkspace(folder, { scrollbackBytes: 64 << 10 });
  const listener = start();
  const both = { port: listener.port, token: tokenOf(listener), id: 'modes', binary, ...SIZE };
  const execute = { command, env: { HOME: folder, LC_ALL: 'C.UTF-8' } };
  const first = new Viewer({ ...both, steady: true, execute });
  await first.until(() => first.screen.text.includes(ready));
  while (first.offset < DRAWN_BYTES) {
    const before = first.offset;
    first.type(redraw);
    await first.until(() => first.offset > before);
  }
  return { first, both };
}

/** A client that comes now, once it has all that is kept. */
async function newcomer({ first, both }) {
  const viewer = new Viewer({ ...both, steady: true, streams: first.streams, truncated: true });
  await viewer.until(() => viewer.replays.length > 0 && viewer.shown === viewer.offset);
  expect(viewer.replays).toEqual([expect.objectContaining({ truncated: true })]);
  expect(viewer.replays[0].modes).toBeGreaterThan(0);
  return viewer;
}

needs('xterm', 'vim').test.each([
  ['as text', false],
  ['as bytes', true],
])(
  'vim: the screen of a late client has the same modes: %s',
  async (_, binary) => {
    const lines = Array.from({ length: 500 }, (__, n) => `line ${n}: café — 🎉 ─│`);
    const program = await late({
      command:
        'exec vim -u NONE -i NONE -n -N -c "set mouse=a title titlestring=edited number" text.txt',
      files: { 'text.txt': `${lines.join('\n')}\n` },
      ready: 'line 3:',
      redraw: '\x06\x0c',
      binary,
    });
    const { first } = program;
    const viewer = await newcomer(program);
    // A picture that both draw from here on.
    first.type(':0\r\x0c:echo "all " . "drawn"\r');
    await first.until(() => first.screen.text.includes('all drawn'));
    await viewer.until(() => viewer.offset === first.offset && viewer.shown === first.shown);
    expect(viewer.screen.picture).toEqual(first.screen.picture);
    expect(viewer.screen.modes).toMatchObject({
      applicationCursorKeysMode: true,
      bracketedPasteMode: true,
      mouseTrackingMode: 'drag',
    });
    expect(viewer.screen.buffer).toBe('alternate');
    expect(viewer.screen.title).toBe('edited');
    expect(first.screen.title).toBe('edited');
    first.type(':q!\r');
    for (const one of [first, viewer]) await one.until(() => one.exits.length > 0);
    await viewer.until(() => viewer.shown === viewer.offset);
    expect(viewer.screen.buffer).toBe('normal');
    expect(viewer.screen.modes).toEqual(first.screen.modes);
    expect([...first.faults, ...viewer.faults]).toEqual([]);
  },
  120_000,
);

needs('xterm').test(
  'the application reads the same',
  async () => {
    const { Screen } = require('../support/workspace/screen.cjs');
    const folder = newFolder();
    const workspace = loopwire.openWorkspace(folder, { scrollbackBytes: 64 << 10 });
    const modes = String.raw`\033[?1049h\033[?2004h\033[?1h\033[?1003h\033[?25l\033]2;mine\007`;
    const terminal = await workspace.terminal({
      command: `printf '${modes}'; head -c ${DRAWN_BYTES} /dev/zero | tr '\\0' x`,
      ...SIZE,
    });
    await terminal.exit;
    const screen = new Screen(SIZE);
    let next;
    for await (const { offset, data } of terminal.chunks) {
      expect(next ?? offset).toBe(offset);
      next = offset + data.length;
      await screen.write(data);
    }
    expect(next).toBeGreaterThan(DRAWN_BYTES);
    expect(screen.modes).toMatchObject({
      applicationCursorKeysMode: true,
      bracketedPasteMode: true,
      mouseTrackingMode: 'any',
    });
    expect(screen.buffer).toBe('alternate');
    expect(screen.title).toBe('mine');
    await workspace.close();
  },
  60_000,
);
