// One list of functions, fixtures/sdk-functions.json, and the three that must agree with it: the SDK's pages as they were
// published, the header of the C library, and the package. A row has
//   c       the published prototype
//   node    the function of the package, with the names of its parameters
//   gives   what a caller learns: `status` (0, or an error), `list` (also an array of ports), `answer` (1 or 0), `number`,
//           `text`, `nothing`
//   handle  the function for new code; the published one is a thin use of it, or of `uses`, which both call
//   aliases further names; `why` there is none in C, or none in JavaScript
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { declared, header, parsed } = require('../support/capi/header.cjs');
const { signatures } = require('../support/capi/signatures.cjs');
const { needs, when } = require('../support/needs.cjs');

const root = path.resolve(__dirname, '../..');
const rows = JSON.parse(fs.readFileSync(path.join(root, 'fixtures', 'sdk-functions.json'), 'utf8'));
const published = rows.filter(({ c }) => c).map((row) => ({ ...row, ...parsed(row.c) }));
const both = published.filter((row) => row.node);

/** `name(first, second)` in parts. @param {string} text */
function called(text) {
  const [, name, list] = /^(\w+)\((.*)\)$/.exec(text) ?? [];
  return { name, parameters: list ? list.split(', ') : [] };
}

/** The places for results that a C function has behind its arguments. @param {{name: string}} parameter */
const isResult = ({ name }) => name.startsWith('out');

describe('the header', () => {
  const ofC = needs('clang').test;
  /** @type {ReturnType<typeof declared> | undefined} */
  let read;
  const inC = () => (read ??= declared('c'));

  ofC('declares every published function with its names and types', () => {
    const { functions, types } = inC();
    for (const { name, result, parameters } of published) {
      const found = functions.get(name);
      expect([name, found]).toEqual([name, expect.anything()]);
      // `loopwire_string` is the text of C.
      const bare = (type) => (type === 'loopwire_string' ? types.get(type) : type);
      const given = found.parameters.map((each) => ({ ...each, type: bare(each.type) }));
      expect({ name, ...found, parameters: given }).toEqual({ name, result, parameters });
    }
  });

  ofC('declares the aliases with the same types', () => {
    const { functions } = inC();
    for (const { name, aliases = [] } of published) {
      for (const alias of aliases.filter((each) => /^[A-Z]/.test(each))) {
        expect([alias, functions.get(alias)]).toEqual([alias, functions.get(name)]);
      }
    }
  });

  ofC('has the types of the published prototypes', () => {
    const { types } = inC();
    // Word for word what cgo defines, so that a Go program may include both: `int64_t` is `long` on Linux.
    expect(types.get('GoInt')).toBe('long long');
    expect(types.get('GoUint8')).toBe('unsigned char');
    expect(types.get('GoUint32')).toBe('unsigned int');
    expect(types.get('loopwire_string')).toBe('char *');
    // So that a literal is no warning.
    expect(declared('c++').types.get('loopwire_string')).toBe('const char *');
  });

  ofC('declares nothing else under such names', () => {
    const names = [...inC().functions.keys()].filter((name) => /^[A-Z]/.test(name));
    const known = new Set(published.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  ofC('declares the function for new code that each published one uses', () => {
    const { functions } = inC();
    const handles = rows.flatMap(({ handle }) => handle ?? []);
    expect(handles.filter((name) => !functions.has(name))).toEqual([]);
  });

  test('says of what it hands out that FreeBuf frees it', () => {
    const text = fs.readFileSync(header, 'utf8');
    for (const { name } of published.filter(handsOut)) {
      const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*[^;/]*\\b${name}\\(`).exec(text);
      expect([name, comment?.[1]]).toEqual([name, expect.stringContaining('FreeBuf')]);
    }
  });
});

/** Whether a caller gets memory that it has to free. @param {any} row */
function handsOut({ result, parameters }) {
  return result === 'char *' || parameters.some(isResult);
}

describe('the package', () => {
  const types = signatures();

  test('has a function for each that C has, with the arguments in the same order', () => {
    for (const { c, node, parameters } of both) {
      const { name, parameters: names } = called(node);
      expect([name, typeof loopwire[name]]).toEqual([name, 'function']);
      const found = types.get(name);
      expect([name, found?.parameters.map((each) => each.name)]).toEqual([name, names]);
      // `options` comes last, and only JavaScript has it.
      const given = found.parameters.filter((each) => each.name !== 'options').map(kindOf);
      expect([c, given]).toEqual([c, parameters.filter((each) => !isResult(each)).map(kindOf)]);
    }
  });

  test('has functions with the results that C has', () => {
    for (const { c, node, gives, result, parameters } of both) {
      const { name } = called(node);
      const type = types.get(name)?.result.replace(/^Promise<(.*)>$/, '$1');
      expect([c, RESULTS[gives]]).toEqual([c, expect.arrayContaining([type])]);
      expect([c, parameters.some(isResult)]).toEqual([c, gives === 'list']);
      expect([c, result === 'void']).toEqual([c, gives === 'nothing']);
      expect([c, result === 'char *']).toEqual([c, gives === 'text']);
    }
  });

  test('has no function that the list has not', () => {
    const known = rows.flatMap(({ node, aliases = [] }) => [
      ...(node ? [called(node).name] : []),
      ...aliases,
    ]);
    const names = Object.keys(loopwire).filter((name) => typeof loopwire[name] === 'function');
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    const ofPackage = known.filter((name) => /^[a-z]/.test(name));
    for (const name of ofPackage) expect([name, typeof loopwire[name]]).toEqual([name, 'function']);
  });
});

/** What a function of C with such a result returns in JavaScript; where C has no result, there may be one. */
const RESULTS = {
  status: ['number'],
  list: ['Array<number>'],
  answer: ['number'],
  number: ['number'],
  text: ['string'],
  nothing: ['number', 'void'],
};

/** What an argument is in both languages. @param {{type: string}} parameter */
function kindOf({ type }) {
  if (/^(uint32_t|unsigned int) \*$|Uint32Array/.test(type)) return 'ports';
  if (/^char \*$|\bstring\b/.test(type)) return 'text';
  if (/^(int|unsigned int|Go\w+)$|^number\b/.test(type)) return 'number';
  throw new Error(`what is ${type}?`);
}

test('each published function is a use of one for new code', () => {
  const folder = path.join(root, 'crates', 'capi', 'src', 'sdk');
  const names = fs.readdirSync(folder, { encoding: 'utf8', recursive: true });
  const sources = names.filter((name) => name.endsWith('.rs'));
  const source = sources.map((name) => fs.readFileSync(path.join(folder, name), 'utf8')).join('\n');
  for (const { name, handle, uses = handle } of published.filter((row) => row.handle)) {
    const body = new RegExp(`extern "C" fn ${name}\\([^]*?\\n}\\n`).exec(source)?.[0] ?? '';
    expect([name, body]).toEqual([name, expect.stringMatching(`\\b${uses}\\(`)]);
  }
});

// The notes that this project is written by; a clone has none.
const notes = process.env.LOOPWIRE_NOTES ?? path.resolve(root, '..', 'shared');
const files = ['SDK.md', path.join('reference', 'sdk-public.md')].map((name) =>
  path.join(notes, name),
);
const beside = when(
  files.every((file) => fs.existsSync(file)),
  'the notes beside the repository',
);

beside.test('every function that the notes name is in the list', () => {
  const [decisions, reference] = files.map((file) => fs.readFileSync(file, 'utf8'));
  const names = rows.flatMap(({ c, node, aliases = [] }) => [
    ...(c ? [parsed(c).name] : []),
    ...(node ? [called(node).name] : []),
    ...aliases,
  ]);
  // The first columns of the two tables of functions; `getPorts…` are several.
  const tables = ['| Node | decision |', '| | |'].map(
    (head) => decisions.split(`\n${head}\n`)[1]?.split('\n\n')[0] ?? '',
  );
  const cells = tables.flatMap((table) => [...table.matchAll(/^\| (`[^|]+) \|/gm)]);
  const named = cells.flatMap(([, cell]) => [...cell.matchAll(/`(\w+)(…?)/g)]);
  expect(named.length).toBeGreaterThan(40);
  const isIn = ([, name, more]) =>
    names.some((each) => each === name || (more && each.startsWith(name)));
  expect(named.filter((each) => !isIn(each)).map(([text]) => text)).toEqual([]);
  // Prototypes in the column of C.
  const prototypes = [...reference.matchAll(/`((?:void|int|char\*|Go\w+) [A-Z]\w+\([^`]*\))`/g)];
  const list = new Set(published.map(({ c }) => c));
  expect(prototypes.length).toBeGreaterThan(40);
  expect(prototypes.map(([, text]) => text).filter((text) => !list.has(text))).toEqual([]);
});
