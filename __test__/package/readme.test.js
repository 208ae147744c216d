// The README: its first example runs as it stands, and its tables leave out nothing that there is.
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const fixtures = require('../../fixtures/forward.json');
const { COMMANDS } = require('../../lib/cli/commands.js');
const { EXIT } = require('../../lib/cli/problem.js');
const loopwire = require('../..');

const root = path.resolve(__dirname, '..', '..');
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');

/** The rows of the tables that begin with this heading, cell by cell. */
function table(heading) {
  const tables = readme.split(`\n| ${heading} |`).slice(1);
  expect(tables).not.toEqual([]);
  const rows = tables.flatMap((rest) => rest.split('\n\n')[0].split('\n').slice(2));
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const callback = () => {};

/** What stands in backticks. */
const quoted = (text) => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

/** What a program prints until it has printed so many lines: it goes on, and is stopped. */
async function printed(file, count) {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  // Never longer: a test that gives up must leave no process behind.
  const limit = setTimeout(() => child.kill('SIGKILL'), 5_000);
  let said = '';
  let complaint = '';
  child.stdout.on('data', (data) => {
    said += data;
    if (said.split('\n').length > count) child.kill();
  });
  child.stderr.on('data', (data) => {
    complaint += data;
    child.kill();
  });
  await ended;
  clearTimeout(limit);
  return { lines: said.trim().split('\n'), complaint };
}

/**
 * How long the example's port, which is the SDK's own, may be somebody else's: systems hand it out for outgoing connections,
 * of which the other tests make thousands, and keep it for a minute after the last byte.
 */
const PATIENCE_MS = 75_000;

/** The same, again while the port is not to be had. */
async function printedAtLast(file, count) {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    const result = await printed(file, count);
    if (!result.complaint.includes('port in use') || Date.now() > end) return result;
    await sleep(500);
  }
}

test('the first example runs as it stands and prints what the README says', async () => {
  const [, code] = /```js\n([^]*?)```/.exec(readme);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-readme-'));
  try {
    fs.mkdirSync(path.join(folder, 'node_modules'));
    fs.symlinkSync(root, path.join(folder, 'node_modules', 'loopwire'), 'junction');
    fs.writeFileSync(path.join(folder, 'example.js'), code);
    const [, shown] = /prints these events:\n\n([^]*?)\n\n/.exec(readme);
    const events = shown.split('\n').map((line) => `EVENT ${line.trim()}`);
    const file = path.join(folder, 'example.js');
    const { lines, complaint } = await printedAtLast(file, events.length + 2);
    expect(complaint).toBe('');
    expect(lines.filter((line) => line.startsWith('EVENT'))).toEqual(events);
    expect(lines).toContain('ONLINE true');
    expect(lines[0]).toMatch(/^URL ws:\/\/127\.0\.0\.1:\d+\/ws\/[\w-]{43}$/);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);

test('the table of functions has every export and nothing else', () => {
  const cells = table('function').flatMap(([cell]) => quoted(cell));
  const names = cells.map((cell) => /^\w+/.exec(cell)[0]);
  expect(names.sort()).toEqual(Object.keys(loopwire).sort());
});

test('the tables of options and settings have every key, with defaults that are taken', async () => {
  const token = loopwire.generateToken();
  for (const [cell, fallback] of table('option')) {
    const [name] = quoted(cell);
    const text = (quoted(fallback)[0] ?? fallback).replaceAll("'", '"');
    const calls = name.startsWith('on');
    // One without a default is left out: then it is not given.
    const value = calls || text === '' ? (calls && callback) || undefined : JSON.parse(text);
    await loopwire.startEventListener(0, token, callback, { [name]: value }).close();
  }
  const settings = table('setting').flatMap(([cell]) => quoted(cell));
  for (const name of settings) {
    const wrong = () => loopwire.configure({ [name]: 'no' });
    expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  }
  // Nothing is left out: the native side names the nearest of its own keys.
  const source = fs.readFileSync(path.join(root, 'src', 'channel', 'options.rs'), 'utf8');
  const [, known] = /const KNOWN: \[&str; \d+\] = \[([^\]]*)\]/.exec(source);
  const options = table('option').flatMap(([cell]) => quoted(cell));
  expect(options.sort()).toEqual([...known.matchAll(/"(\w+)"/g)].map(([, name]) => name).sort());
  await loopwire.shutdown();
});

test('the tables of the command line have every option', () => {
  const rows = (heading) => table(heading).flatMap(([cell]) => quoted(cell));
  const both = rows('option of both');
  for (const [name, { options }] of Object.entries(COMMANDS)) {
    const told = [...rows(`option of \`${name}\``), ...both];
    const wanted = Object.entries(options).flatMap(([option, { value, short }]) => [
      value ? `--${option} ${value}` : `--${option}`,
      ...(short ? [`-${short}`] : []),
    ]);
    expect(told.sort()).toEqual(wanted.sort());
  }
  expect(
    table('exit code')
      .slice(0, 3)
      .map(([code]) => Number(code)),
  ).toEqual(Object.values(EXIT));
});

test('the tables of events and details have every fixture', () => {
  const types = table('event').flatMap(([cell]) => quoted(cell));
  expect(new Set(fixtures.map(({ event }) => event.type))).toEqual(
    new Set(types.filter((type) => type !== 'fault')),
  );
  const details = table('detail').flatMap(([cell]) => quoted(cell.replaceAll('\\|', '|')));
  const told = fixtures.filter(({ event }) => event.type === 'proxyError');
  expect(new Set(details)).toEqual(new Set(told.map(({ event }) => event.payload.split('@')[1])));
});
