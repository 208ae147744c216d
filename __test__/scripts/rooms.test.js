// The check of rooms finds imports that run up, circles, rooms without a place, and what has grown too large.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const javascript = require('../../scripts/layout/javascript.cjs');
const rooms = require('../../scripts/layout/rooms.cjs');
const sizes = require('../../scripts/layout/sizes.cjs');

let dir;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-rooms-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

/** What is found in a crate of these files, whose rooms are `top`, `middle` and `base` unless `orders` says else. */
function found(files, orders = { one: ['top', 'middle', 'base'] }) {
  const sources = {
    'lib.rs': 'mod base;\nmod middle;\nmod top;\n',
    'base.rs': 'pub(crate) struct Base;\n',
    'middle.rs': 'pub(crate) struct Middle;\n',
    'top.rs': 'pub(crate) struct Top;\n',
    ...files,
  };
  for (const [name, text] of Object.entries(sources)) {
    if (text === null) continue;
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
  return rooms.violations('one', path.join(dir, 'lib.rs'), orders);
}

test('imports that run down are let through', () => {
  const top = 'use crate::middle::Middle;\nfn f(_: crate::base::Base) {}\n';
  expect(
    found({ 'top.rs': top, 'middle.rs': 'use super::base;\nstruct Middle(base::Base);' }),
  ).toEqual([]);
});

test.each([
  ['a use', 'use crate::middle::Middle;\n'],
  ['a use of a module', 'use crate::middle;\nfn f(_: middle::Middle) {}\n'],
  ['a nested use', 'use std::{fmt, io};\nuse crate::{middle::{Middle as M, self}};\n'],
  ['a path in the code', 'fn f() { crate::middle::Middle; }\n'],
  ['a path behind super', 'fn f() { super::middle::Middle; }\n'],
])('%s of a room above is told', (_, base) => {
  expect(found({ 'base.rs': base })).toEqual(['one: base imports middle, which runs up']);
});

test.each([
  [
    'a comment',
    '// crate::middle::Middle\n/* use crate::middle::Middle; /* */ crate::middle::Middle */\n',
  ],
  [
    'a string',
    'const A: &str = "use crate::middle::Middle;"; const B: &str = r#"crate::middle::Middle"#;\n',
  ],
  ['a test', '#[cfg(test)]\nmod tests { use crate::middle::Middle; }\n'],
  ['a lifetime before a string', `fn f<'a>(a: &'a str) { g('"'); g("crate::middle::Middle"); }\n`],
])('%s imports nothing', (_, base) => {
  expect(found({ 'base.rs': base })).toEqual([]);
});

const folder = {
  'base.rs': null,
  'base/mod.rs':
    'mod first;\nmod second;\npub(crate) use first::First;\npub(crate) use second::Second;\n',
  'base/first.rs': 'pub(crate) struct First;\n',
  'base/second.rs': 'use super::first::First;\npub(crate) struct Second(First);\n',
};

test('a table of contents imports nothing, and a name is followed to the file that defines it', () => {
  expect(found({ ...folder, 'middle.rs': 'use crate::base::{First, Second};\n' })).toEqual([]);
  const first = 'use crate::base::Second;\npub(crate) struct First;\n';
  expect(found({ ...folder, 'base/first.rs': first })).toEqual([
    'one: a circle of imports: base/first → base/second → base/first',
  ]);
});

test('the order inside a folder is checked where it is written down', () => {
  const orders = { one: ['top', 'middle', 'base'], 'one/base': ['first', 'second'] };
  expect(found(folder, orders)).toEqual(['one: base/second imports base/first, which runs up']);
});

test("what imports its own folder's file runs up", () => {
  const files = { ...folder, 'base/mod.rs': 'mod first;\nmod second;\npub(crate) struct Own;\n' };
  const second = 'use super::Own;\n';
  expect(found({ ...files, 'base/second.rs': second })).toEqual([
    'one: base/second imports base, which runs up',
  ]);
});

test('a room without a place is told, and a place without a room', () => {
  expect(found({}, { one: ['top', 'middle'] })).toEqual([
    'one: base has no place in the order of rooms',
  ]);
  const orders = { one: ['top', 'middle', 'cellar', 'base'], 'one/attic': [] };
  expect(found({}, orders)).toEqual([
    'one: the order names cellar, which is not there',
    'one/attic is in the order of rooms, but there is no such folder',
  ]);
});

test('one circle is one sentence, however many files reach one another', () => {
  const files = {
    ...folder,
    'base/mod.rs': 'mod a;\nmod b;\nmod c;\n',
    'base/a.rs': 'use super::b::B;\npub struct A;\n',
    'base/b.rs': 'use super::c::C;\npub struct B;\n',
    'base/c.rs': 'use super::a::A;\nuse super::b::B;\npub struct C;\n',
  };
  expect(found(files)).toHaveLength(1);
});

test('the picture shows the rooms from the top floor down', () => {
  found(folder);
  expect(rooms.picture('one', path.join(dir, 'lib.rs'), { one: ['top', 'middle', 'base'] })).toBe(
    'one\n  top\n  middle\n  base          first second',
  );
});

test('a circle among JavaScript files is told', () => {
  const files = {
    'a/x.cjs': "require('./y.cjs'); require('node:fs');",
    'a/y.cjs': "const { z } = require('../b/z');",
    'b/z.js': "require('../a/x.cjs')",
    'b/lone.js': "require('./z')",
  };
  expect(javascript.violations(files)).toEqual([
    'a circle of imports: a/x.cjs → a/y.cjs → b/z.js → a/x.cjs',
  ]);
});

test('a long file and a full folder are told, and neither generated files nor prose', () => {
  const many = Array.from({ length: 16 }, (_, at) => [`full/f${at}.rs`, '']);
  const beside = Array.from({ length: 16 }, (_, at) => [`some/f${at}_test.rs`, '']);
  const files = Object.fromEntries([...many, ...beside]);
  const long = '\n'.repeat(401);
  expect(
    sizes.violations({
      ...files,
      'long.js': long,
      'binding.d.ts': long,
      'README.md': long,
      'fit.rs': long.slice(1),
    }),
  ).toEqual([
    'long.js has 401 lines (at most 400): find its second noun',
    'full has 16 files of code (at most 15): find its rooms',
  ]);
});
