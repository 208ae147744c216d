/**
 * `attach`: an xterm at a terminal of a sandbox, over a connection that is cut again and again, looks as one that has seen
 * everything on a connection that holds.
 *
 * LOOPWIRE_CUTS is how often the connection is cut in each test (20; 200 is the full size).
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { AttachedScreen, met } = require('../../support/client/attached.cjs');
const { cutRandomly } = require('../../support/client/cuts.cjs');
const { code, sandboxed, text } = require('../../support/client/sandbox.cjs');
const { needs } = require('../../support/needs.cjs');
const { seeded } = require('../../support/random.cjs');
const { until } = require('../../support/until.cjs');
const { HTOP, VIM } = require('../../support/workspace/typing.cjs');
const { Viewer } = require('../../support/workspace/viewer.cjs');

const { attach, SandboxClient } = requireModule('index.js');
const CUTS = Number(process.env.LOOPWIRE_CUTS ?? 20);
const LONG = 60_000 + CUTS * 2_000;
const SIZE = { cols: 80, rows: 24 };

const viewers = [];
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.end();
});

/** A sandbox with a command, and an xterm at it. */
async function attached({ command, pty, size = SIZE, files = {}, ...options }) {
  const made = await sandboxed(SandboxClient, options);
  for (const [name, text] of Object.entries(files)) {
    fs.writeFileSync(path.join(made.root, name), text);
  }
  const env = { HOME: made.root, LC_ALL: 'C.UTF-8' };
  const terminal = await made.sandbox.terminal.create({ id: 'screen', command, pty, env });
  const screen = new AttachedScreen({ attach, terminal, ...size });
  return { ...made, terminal, screen };
}

/** A client of its own whose connection holds, with an xterm of its own. */
function viewer({ listener, token }, options) {
  const one = new Viewer({
    port: listener.port,
    token,
    id: 'screen',
    steady: true,
    ...SIZE,
    ...options,
  });
  viewers.push(one);
  return one;
}

/** Types, and changes the size, until the connection was cut often enough. */
async function typed({ screen, reference, cutter }, random, keys) {
  cutRandomly(cutter, CUTS, random);
  while (cutter.cuts < CUTS) {
    const before = reference.offset;
    screen.type(keys());
    await until(() => reference.offset > before, 'output');
    if (random() < 0.1) {
      // At the same byte of the output: from there on both must do the same.
      await met(screen, reference, () => true);
      const size = [60 + Math.floor(random() * 60), 20 + Math.floor(random() * 20)];
      screen.xterm.resize(...size);
      reference.screen.xterm.resize(...size);
    }
  }
}

async function same({ screen, reference, cutter }, so) {
  await met(screen, reference, so);
  expect(screen.picture).toEqual(reference.screen.picture);
  expect([screen.errors, reference.faults]).toEqual([[], []]);
  expect(cutter.cuts).toBeGreaterThanOrEqual(CUTS);
}

needs('xterm', 'vim').test(
  `vim looks the same after ${CUTS} cuts`,
  seeded(async (random) => {
    const all = await attached({ command: VIM.command(' mouse=a'), files: VIM.files });
    const { screen, terminal, root } = all;
    const reference = (all.reference = viewer(all));
    await until(() => screen.text.includes(VIM.ready), 'vim');
    await typed(all, random, () => VIM.keys(random));
    screen.type(VIM.last);
    await same(all, () => screen.text.includes(VIM.end));
    expect(screen.text).toMatch(VIM.shown);
    expect(fs.readFileSync(path.join(root, 'text.txt'), 'utf8')).toMatch(VIM.written);
    screen.type(VIM.quit);
    expect(await terminal.exit).toMatchObject({ exitCode: 0 });
    await same(all, () => reference.exits.length > 0);
    expect(screen.buffer).toBe('normal');
  }),
  LONG,
);

needs('xterm', 'htop').test(
  `htop looks the same after ${CUTS} cuts`,
  seeded(async (random) => {
    const all = await attached({ command: HTOP.command });
    const { screen, terminal } = all;
    const reference = (all.reference = viewer(all));
    await until(() => screen.text.includes(HTOP.ready), 'htop');
    await typed(all, random, () => HTOP.keys(random));
    await same(all, () => HTOP.shown.test(screen.text));
    screen.type(HTOP.quit);
    expect(await terminal.exit).toMatchObject({ exitCode: 0 });
    await same(all, () => reference.exits.length > 0);
  }),
  LONG,
);

needs('xterm').describe('an attached xterm', () => {
  test('has its size told at once and when it changes, and is left alone when the command has ended', async () => {
    const { screen, terminal } = await attached({
      command: 'read x; stty size; read x; stty size; exit 3',
      size: { cols: 90, rows: 20 },
    });
    screen.type('\r');
    await until(() => screen.text.includes('20 90'), 'the first size');
    screen.xterm.resize(100, 30);
    screen.type('\r');
    await until(() => screen.text.includes('30 100'), 'the second size');
    expect((await terminal.exit).exitCode).toBe(3);
    // All that it has put out is with the xterm already.
    screen.xterm.write('[over]');
    await until(() => screen.text.includes('[over]'), 'what the application writes');
    expect(screen.text.trimEnd().split('\n').at(-1)).toBe('[over]');
    screen.type('nobody');
    screen.xterm.resize(80, 24);
    expect(screen.errors).toEqual([]);
  });

  test('makes the command wait until it has parsed the output', async () => {
    const { sandbox, terminal, screen, cutter } = await attached({
      command: 'read x; exec yes',
      scrollbackBytes: 256 << 10,
    });
    const parsed = [];
    const { xterm } = screen;
    const { write } = xterm;
    xterm.write = (data, then) => parsed.push(() => write(data, then));
    screen.type('\r');
    const row = async () => (await sandbox.terminal.list())[0].to;
    await until(() => cutter.down > 120_000, 'as much as may be sent ahead');
    const before = await row();
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What the kernel and the workspace hold.
    expect(await row()).toBeLessThan(before + (128 << 10));
    expect(cutter.down).toBeLessThan(200_000);
    const seen = cutter.down;
    for (let n = 0; n < 50; n += 1) {
      for (const go of parsed.splice(0)) go();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await row()).toBeGreaterThan(before + (256 << 10));
    expect(cutter.down).toBeGreaterThan(seen);
    terminal.signal('SIGKILL');
    for (let n = 0; n < 50; n += 1) {
      for (const go of parsed.splice(0)) go();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await terminal.exit).signal).toBe('SIGKILL');
  });

  test('is reset when output was overwritten, and looks as one that comes then', async () => {
    const all = await attached({
      command:
        'printf "\\033[20;1H\\033[1mold"; read x; i=0; while [ $i -lt 9000 ]; do i=$((i+1)); printf "\\033[Hline $i\\n"; done; printf "\\033[3mnew"; read x',
      scrollbackBytes: 64 << 10,
    });
    const { screen, cutter, make } = all;
    await until(() => screen.text.includes('old'), 'the beginning');
    cutter.refusing = true;
    cutter.cut();
    // Somebody else runs it meanwhile.
    const other = viewer(all);
    await other.until(() => other.offset > 0);
    other.type('\r');
    await other.until(() => other.screen.text.includes('new'));
    cutter.refusing = false;
    await until(() => screen.text.includes('new'), 'the end');
    const late = new AttachedScreen({
      attach,
      terminal: await make().terminal.attach('screen'),
      ...SIZE,
    });
    await until(() => late.text.includes('new'), 'the end');
    expect(screen.text).not.toContain('old');
    expect(screen.picture).toEqual(late.picture);
    screen.type('x\r');
    await until(() => late.text.includes('newx'), 'what is typed');
    expect(screen.errors).toEqual([]);
  });

  test('does not answer what was asked before it came', async () => {
    const { screen, make } = await attached({
      command: "stty raw -echo; printf '\\033[6n'; exec cat -v",
    });
    await until(() => screen.text.includes('^[[1;1R'), 'the answer of the first');
    const second = new AttachedScreen({
      attach,
      terminal: await make().terminal.attach('screen'),
      ...SIZE,
    });
    await until(() => second.text.includes('^[[1;1R'), 'the replay');
    second.type('typed');
    await until(() => screen.text.includes('typed'), 'what is typed');
    expect(screen.text.match(/\d+R/g)).toHaveLength(1);
    expect(second.text).toBe(screen.text);
  });

  test('is taken off with its listeners, and another goes on at the next byte', async () => {
    const { screen, terminal } = await attached({ command: 'stty -echo; echo ready; exec cat' });
    await until(() => screen.text.includes('ready'), 'a shell that echoes nothing');
    screen.type('one\r');
    await until(() => screen.text.includes('one'), 'output');
    screen.attachment.detach();
    screen.attachment.detach();
    screen.type('to nobody\r');
    screen.xterm.resize(20, 5);
    await terminal.write('two\r');
    const next = new AttachedScreen({ attach, terminal, ...SIZE });
    await until(() => next.text.includes('two'), 'output');
    expect(next.text.trim()).toBe('two');
    await screen.write('mine');
    expect(screen.text).toContain('mine');
    expect(screen.text).not.toContain('two');
    // What it has got and not parsed yet is its own.
    const parse = [];
    const { write } = next.xterm;
    next.xterm.write = (...pieces) => parse.push(() => write(...pieces));
    next.type('three\r');
    await until(() => parse.length > 0, 'output');
    next.attachment[Symbol.dispose]();
    const last = new AttachedScreen({ attach, terminal, ...SIZE });
    for (const go of parse) go();
    await until(() => next.text.includes('three'), 'what it had got');
    last.type('four\r');
    await until(() => last.text.includes('four'), 'output');
    expect(last.text.trim()).toBe('four');
    last.xterm.dispose();
    // Nobody makes it wait any more.
    await terminal.write('five\r');
    expect(text((await terminal.chunks.next()).value.data)).toBe('five\r\n');
    terminal.signal('SIGKILL');
    expect([screen.errors, next.errors, last.errors]).toEqual([[], [], []]);
  });

  test('has what it was given: a loop that comes late begins behind it', async () => {
    const { screen, terminal, cutter } = await attached({
      command: 'stty -echo; echo ready; read x; head -c 600000 /dev/zero; read x',
    });
    await until(() => screen.text.includes('ready'), 'output');
    // More is given and not parsed any more.
    const given = [];
    screen.xterm.write = (data, parsed) => given.push({ data, parsed });
    screen.type('\r');
    await until(() => given.length > 0, 'more output');
    const end = screen.shown + given.reduce((sum, { data }) => sum + data.length, 0);
    screen.attachment.detach();
    // So much that nobody takes is dropped, and fetched again from where it was.
    await until(() => cutter.down > 600_000, 'all of it');
    const { value } = await terminal.chunks.next();
    expect([value.offset, value.lost]).toEqual([end, undefined]);
    for (const { parsed } of given) parsed();
    terminal.signal('SIGKILL');
  });

  test('is taken off by the next one', async () => {
    const { screen, terminal } = await attached({ command: 'stty -echo; echo ready; exec cat' });
    await until(() => screen.text.includes('ready'), 'output');
    const next = new AttachedScreen({ attach, terminal, ...SIZE });
    screen.type('nobody\r');
    screen.attachment.detach();
    next.type('one\r');
    await until(() => next.text.includes('one'), 'output');
    expect(next.text.trim()).toBe('one');
    expect(screen.text.trim()).toBe('ready');
    expect([screen.errors, next.errors]).toEqual([[], []]);
  });

  test('tells what went wrong, and nothing of it is an unhandled rejection', async () => {
    const { screen, terminal, sandbox } = await attached({ command: 'exec sleep 60', pty: false });
    screen.xterm.resize(3000, 24);
    await until(() => {
      screen.type('x');
      return screen.errors.length > 0;
    }, 'a size that is refused');
    const [{ message }] = screen.errors.splice(0);
    expect(message).toContain('2000');
    for (let n = 0; n < 20; n += 1) screen.type('x'.repeat(100_000));
    await until(() => {
      screen.type('x');
      return screen.errors.some((error) => error.code === 'INPUT_FULL');
    }, 'input that nobody reads');
    screen.errors.length = 0;
    await sandbox.close();
    expect(await code(terminal.exit)).toBe('CLOSED');
    await until(() => screen.errors.length > 0, 'the end');
    screen.type('to nobody');
    expect(screen.errors.filter((error) => error.code === 'CLOSED')).toHaveLength(1);
  });

  test('ends quietly with a terminal that the application leaves', async () => {
    const { screen, terminal } = await attached({ command: 'exec cat' });
    await terminal.detach();
    screen.type('x');
    expect(screen.errors).toEqual([]);
  });
});
