// Terminals on a real screen (xterm.js): vim, htop and colours look the same whether a client's connection holds
// or breaks again and again, at any byte.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { listeners, tokenOf } = require('../support/channel/client.cjs');
const { folders } = require('../support/folders.cjs');
const { tcpProxy } = require('../support/process/command-line.cjs');
const { needs } = require('../support/needs.cjs');
const { seeded } = require('../support/random.cjs');
const { HTOP, SAMPLE, VIM, pick } = require('../support/workspace/typing.cjs');
const { Viewer, met } = require('../support/workspace/viewer.cjs');

const start = listeners(loopwire);
const newFolder = folders('screen');

/** How often the second client's connection breaks in each test: 200 in all. */
const CUTS = 50;
const SIZE = { cols: 80, rows: 24 };
const LONG = 240_000;
/** How far the second client may be behind before the test waits for it. */
const FAR_BYTES = 256 << 10;

/**
 * A command in a terminal with two clients: `steady` has started it, `shaky` comes through a port that cuts it off
 * after any number of bytes, from the middle of a handshake to some messages, until it has done so `CUTS` times.
 */
async function watched(random, { command, binary, files = {} }) {
  const folder = newFolder();
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  // Nothing of what a client that is far behind has not seen may be overwritten.
  // Programs that keep their settings here are no news for the clients.
  loopwire.openWorkspace(folder, { scrollbackBytes: 64 << 20, watch: 'onDemand' });
  const listener = start();
  const host = `127.0.0.1:${listener.port}`;
  const relay = await tcpProxy({
    // Any order of magnitude up to some of the largest messages: less would never let those pass.
    limit: () => (relay.cuts >= CUTS ? Infinity : Math.floor(50 * 4000 ** random())),
  });
  relay.to = listener.port;
  const both = { token: tokenOf(listener), id: 'screen', binary, ...SIZE };
  const env = { HOME: folder, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
  const execute = { command, env };
  const steady = new Viewer({ ...both, port: listener.port, steady: true, execute });
  await steady.until(() => steady.streams);
  const shaky = new Viewer({ ...both, port: relay.port, host, streams: steady.streams });
  return { steady, shaky, relay, folder };
}

/** Types until the connection has broken often enough; each time the program must have something to show. */
async function typed({ steady, shaky, relay }, keys) {
  while (relay.cuts < CUTS) {
    const before = steady.offset;
    steady.type(keys());
    await steady.until(() => steady.offset > before);
    const near = () => steady.offset - shaky.offset < FAR_BYTES || relay.cuts >= CUTS;
    await shaky.until(near);
  }
}

/** Both screens show the same, cell by cell, once `so`. */
async function same({ steady, shaky, relay }, so) {
  const [expected, got] = await met(steady, shaky, so);
  expect(got).toEqual(expected);
  expect({ steady: steady.faults, shaky: shaky.faults }).toEqual({ steady: [], shaky: [] });
  expect(relay.cuts).toBeGreaterThanOrEqual(CUTS);
  expect(steady.connections).toBe(1);
  expect(shaky.connections).toBeGreaterThan(CUTS);
}

/** The command has ended, which both are told after its last byte. */
async function ended({ steady, shaky }, exit) {
  for (const one of [steady, shaky]) {
    await one.until(() => one.exits.length > 0);
    expect(one.exits).toEqual([expect.objectContaining({ id: 'screen', ...exit })]);
  }
}

needs('xterm', 'vim').test(
  'vim looks the same after the connection broke, and the file is what was typed',
  seeded(async (random) => {
    const screen = await watched(random, { command: VIM.command(), files: VIM.files });
    const { steady, folder } = screen;
    await steady.until(() => steady.screen.text.includes(VIM.ready));
    await typed(screen, () => VIM.keys(random));
    steady.type(VIM.last);
    await same(screen, () => steady.screen.text.includes(VIM.end));
    expect(steady.screen.text).toMatch(VIM.shown);
    expect(fs.readFileSync(path.join(folder, 'text.txt'), 'utf8')).toMatch(VIM.written);
    steady.type(VIM.quit);
    await ended(screen, { exitCode: 0, signal: null });
    await same(screen, () => true);
  }),
  LONG,
);

needs('xterm', 'htop').test(
  'htop looks the same after the connection broke',
  seeded(async (random) => {
    const screen = await watched(random, { command: HTOP.command });
    const { steady } = screen;
    await steady.until(() => steady.screen.text.includes(HTOP.ready));
    await typed(screen, () => HTOP.keys(random));
    await same(screen, () => HTOP.shown.test(steady.screen.text));
    steady.type(HTOP.quit);
    await ended(screen, { exitCode: 0, signal: null });
    await same(screen, () => true);
  }),
  LONG,
);

needs('xterm').describe('a stream of colours, wide characters and cursor moves', () => {
  test.each([
    ['as text', false],
    ['as bytes', true],
  ])(
    'looks the same after the connection broke: %s',
    (_, binary) =>
      seeded(async (random, seed) => {
        const program = require.resolve('../support/workspace/colours.cjs');
        const screen = await watched(random, {
          command: `exec '${process.execPath}' '${program}' ${seed}`,
          binary,
        });
        const { steady } = screen;
        await steady.until(() => steady.screen.text.includes('ready'));
        await typed(screen, () => pick(random, ['.', '..', '.....']));
        steady.type('q');
        await same(screen, () => steady.screen.text.includes(`${SAMPLE} the end`));
        await ended(screen, { exitCode: 7, signal: null });
        // All 256 colours, each in front and behind.
        const colours = new Set(
          [...steady.screen.picture.join(' ').matchAll(/\/\w+:(\w+)\/\w+:(\w+)\//g)].map(
            ([, tcpProxy, back]) =>
              `${Number.parseInt(tcpProxy, 16)} on ${Number.parseInt(back, 16)}`,
          ),
        );
        for (let n = 0; n < 256; n += 1) expect(colours).toContain(`${255 - n} on ${n}`);
      })(),
    LONG,
  );
});
