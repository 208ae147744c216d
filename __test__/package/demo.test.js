// The demo behind `npm start`, run as a user runs it: exit code, output, and no leftovers.
'use strict';

const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { WebSocket } = require('ws');
const { when } = require('../support/needs.cjs');

const demo = path.resolve(__dirname, '..', '..', 'examples', 'demo.cjs');
const ANSI = /\x1b\[/;

let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-demo-test-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** The environment of a user who has said nothing about colours (Jest has). @param {object} [more] */
function environment(more) {
  const { FORCE_COLOR: _, NO_COLOR: __, COLUMNS: ___, ...env } = process.env;
  return { ...env, TMPDIR: folder, TEMP: folder, ...more };
}

/** @param {object} [more] @param {string[]} [args] */
async function run(more, args = ['--once']) {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [demo, ...args], {
    env: environment(more),
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  return { stdout, stderr };
}

const refuses = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(Number(port), '127.0.0.1');
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true));
    socket.on('connect', () => socket.destroy());
  });

test('--once ends by itself with code 0, in plain lines, and leaves nothing', async () => {
  const { stdout, stderr } = await run();
  expect(stderr).toBe('');
  expect(stdout).not.toMatch(ANSI);
  expect(stdout).toMatch(/^ {2}http:\/\/127\.0\.0\.1:\d+\/inspect#token=[\w-]{43}$/m);
  expect(stdout).toMatch(/^ {2}ws:\/\/127\.0\.0\.1:\d+\/ws\/[\w-]{43}$/m);
  // Both columns hold the same event.
  const row = /^ +[\d.]+ {2}(\S.*?) +\| +[\d.]+ {2}(\S.*)$/gm;
  const rows = [...stdout.matchAll(row)];
  expect(rows.length).toBeGreaterThanOrEqual(16);
  for (const [, left, right] of rows) expect(left).toBe(right);
  expect(stdout).toContain('proxyError spare:req_proxy_config_error@upstream');
  expect(stdout).toMatch(/(\d+) events, the same at both sides and in the same order\.\n$/);

  const ports = new Set([...stdout.matchAll(/(?<=127\.0\.0\.1:|on |through )\d{5}/g)].flat());
  expect(ports.size).toBeGreaterThanOrEqual(7);
  for (const port of ports) expect([port, await refuses(port)]).toEqual([port, true]);
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('FORCE_COLOR gives colours in a pipe, NO_COLOR none; a narrow width is respected', async () => {
  const [coloured, narrow] = await Promise.all([
    run({ FORCE_COLOR: '1' }),
    run({ NO_COLOR: '1', COLUMNS: '80' }),
  ]);
  expect(coloured.stdout).toMatch(ANSI);
  expect(narrow.stdout).not.toMatch(ANSI);
  // A URL in two lines cannot be opened.
  const lines = narrow.stdout.split('\n').filter((line) => !line.startsWith('  http://'));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('an option that it does not know ends it with code 1', async () => {
  await expect(run({}, ['--onec'])).rejects.toMatchObject({
    code: 1,
    stderr: 'Unknown option --onec; there is --once.\n',
  });
});

// Windows has no signals to send.
when(process.platform !== 'win32', 'signals').test(
  'without --once it runs until Ctrl+C; other clients may connect meanwhile',
  async () => {
    const child = spawn(process.execPath, [demo], { env: environment() });
    const ended = once(child, 'exit');
    let said = '';
    const told = (pattern) =>
      new Promise((resolve) => {
        const look = () => pattern.test(said) && resolve(pattern.exec(said));
        child.stdout.on('data', (data) => {
          said += data;
          look();
        });
        look();
      });
    const [url] = await told(/ws:\/\/\S+/);
    const onlooker = new WebSocket(url);
    const heard = [];
    onlooker.on('message', (data) => heard.push(`${data}`));
    await once(onlooker, 'open');
    await told(/until Ctrl\+C[^]*GET by/);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    // Looking on takes nothing from the demo's own client.
    expect(said).toContain('the same at both sides');
    expect(heard.at(-1)).toMatch(/^\{"type":"portStateUpdate","payload":"\d+"\}$/);
    onlooker.terminate();
    expect(fs.readdirSync(folder)).toEqual([]);
  },
);
