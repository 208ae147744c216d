// The tables of the documents leave out nothing that there is, and have nothing that there is not.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const fixtures = require('../../fixtures/forward.json');
const { COMMANDS } = require('../../lib/cli/commands.js');
const { EXIT } = require('../../lib/cli/problem.js');
const loopwire = require('../..');
const { documents, root } = require('../support/documents/markdown.cjs');

const text = documents()
  .filter((name) => /^docs\/[\w-]+\.md$/.test(name))
  .map((name) => fs.readFileSync(path.join(root, name), 'utf8'))
  .join('\n');

/** The Rust source that lists the options of `startEventListener`. */
const optionsSource = () =>
  fs.readFileSync(path.join(root, 'crates', 'runtime', 'src', 'option', 'listener.rs'), 'utf8');

/** The rows of the tables that begin with this heading, cell by cell. */
function table(heading) {
  const tables = text.split(`\n| ${heading} |`).slice(1);
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
  const [, known] = /const KNOWN: \[&str; \d+\] = \[([^\]]*)\]/.exec(optionsSource());
  const options = table('option').flatMap(([cell]) => quoted(cell));
  // The signal never reaches Rust: JavaScript listens to it.
  const keys = [...known.matchAll(/"(\w+)"/g)].map(([, name]) => name).concat('signal');
  expect(options.sort()).toEqual(keys.sort());
  await loopwire.shutdown();
});

test('the tables of the command line have every option', () => {
  const rows = (heading) => table(heading).flatMap(([cell]) => quoted(cell));
  const headings = text.match(/(?<=\n\| )option of [^|]+(?= \|)/g);
  for (const [name, { options }] of Object.entries(COMMANDS)) {
    const connects = Object.hasOwn(options, 'ca');
    const told = headings
      .filter((one) => quoted(one).includes(name) || (connects && one.endsWith('connect')))
      .flatMap(rows);
    const wanted = Object.entries(options).flatMap(([option, { value, short }]) => [
      value ? `--${option} ${value}` : `--${option}`,
      ...(short ? [`-${short}`] : []),
    ]);
    expect([...told, ...rows('option of all')].sort()).toEqual(wanted.sort());
  }
  expect(
    table('exit code')
      .slice(0, 4)
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
