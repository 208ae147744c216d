// The types of what goes over the wire are those of the fixtures, and hold what the documents and the sources name.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { examples } = require('../../scripts/types/examples.cjs');
const { Writer } = require('../../scripts/types/write.cjs');
const { readFixtures } = require('../../scripts/types/fixtures.cjs');

const root = path.resolve(__dirname, '..', '..');
const read = (...name) => fs.readFileSync(path.join(root, ...name), 'utf8');
const script = path.join(root, 'scripts', 'types.cjs');

/** The problems that the script finds after a change of the fixtures. */
function problems(change) {
  const { schema, fixtures } = structuredClone(readFixtures());
  change(fixtures, schema);
  const writer = new Writer(schema, examples(fixtures, schema));
  writer.files();
  return writer.problems;
}

const first = (entries, role, type) =>
  entries.find((entry) => entry[role]?.type === type && entry[role].data)[role];

test('the committed types are those of the fixtures', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
}, 60_000);

test('the fixtures and what is said about them name the same', () => {
  expect(problems(() => {})).toEqual([]);
});

test.each([
  [
    'a key without a sentence',
    (fixtures) => (first(fixtures.examples, 'message', 'hello').data.colour = 'red'),
    'fixtures/schema/messages.json: hello: the key data.colour has no sentence',
  ],
  [
    'a sentence for a key that no example has',
    (_, schema) => (schema.events.log.keys['data.level'] = 'How bad it is.'),
    'fixtures/schema/events.json: log: no example has data.level, which has a sentence',
  ],
  [
    'a type for a key that no example has',
    (_, schema) => (schema.events.fault.types['data.kind'] = 'ChangeType'),
    'fixtures/schema/events.json: fault: no example has data.kind, which has a type',
  ],
  [
    'a message that nobody described',
    (fixtures) => fixtures.examples.push({ name: 'new', event: { type: 'file:new' } }),
    'fixtures/examples, "new": fixtures/schema/events.json has no file:new',
  ],
  [
    'a message without an example',
    (_, schema) => (schema.replies['file:gone'] = { says: 'It is gone.', section: '7' }),
    'fixtures/schema/replies.json: file:gone has no example in fixtures/',
  ],
  [
    'a list that is empty in every example',
    (_, schema) => delete schema.events.restoreDone.types['data.failed'],
    'fixtures/schema/events.json: restoreDone: every example of data.failed is empty, so name its type',
  ],
  [
    'an enumeration that nothing has',
    (_, schema) => (schema.names.Mood = { says: 'How it feels.', values: ['good'] }),
    'fixtures/schema/names.json: nothing has the type Mood',
  ],
  [
    'a sentence for many that none needs',
    (_, schema) => (schema.keys.colour = 'The colour.'),
    'fixtures/schema/keys.json: no key colour needs its sentence',
  ],
  [
    'a reply that does not exist',
    (_, schema) => (schema.commands['port:list'].replies = ['port:listed']),
    'fixtures/schema/commands.json: port:list is answered by port:listed, which is not in replies.json',
  ],
])('%s is found', (_, change, problem) => {
  expect(problems(change)).toContain(problem);
});

test('a key is optional exactly if some examples have it and others do not', () => {
  const { schema, fixtures } = structuredClone(readFixtures());
  const text = () => new Writer(schema, examples(fixtures, schema)).files()['messages.d.ts'];
  expect(text()).toContain('heartbeatMs: number;');
  const hello = first(fixtures.examples, 'message', 'hello');
  const { heartbeatMs: _, ...less } = hello.data;
  fixtures.examples.push({ name: 'hello, shorter', message: { ...hello, data: less } });
  expect(text()).toContain('heartbeatMs?: number;');
});

test('a key of another name or kind in a fixture is drift', () => {
  const { schema, fixtures } = structuredClone(readFixtures());
  const text = () => new Writer(schema, examples(fixtures, schema)).files()['events.d.ts'];
  const before = text();
  first(fixtures.examples, 'event', 'terminal:started').data.pid = '4711';
  expect(text()).not.toBe(before);
  expect(text()).toContain('pid: string;');
});

/** A program with each example as a value of its type, and of the union that the type is in. */
function program(found, schema) {
  const unions = {
    events: 'LoopwireEvent',
    replies: 'Reply',
    messages: 'ServerMessage',
    commands: 'ClientMessage',
  };
  const writer = new Writer(schema, []);
  const lines = found.flatMap(({ role, message, detail }) => {
    const name = writer.name(role, message.type);
    const value = JSON.stringify(message);
    const all = [`one<wire.${name}>(${value});`, `one<wire.${unions[role]}>(${value});`];
    if (!detail) return all;
    const twin = JSON.stringify({ ...message, data: detail });
    return [
      ...all,
      `one<wire.Detailed${name}>(${twin});`,
      `one<wire.DetailedEvent>(${twin});`,
      `one<wire.ServerMessage>(${twin.replace(/\}$/, ',"seq":1}')});`,
    ];
  });
  return `import type * as wire from './wire/index.js';\ndeclare function one<Type>(value: Type): void;\n${lines.join('\n')}\n`;
}

test('every example is a value of its type, and no other key would be', () => {
  const { schema, fixtures } = readFixtures();
  const found = examples(fixtures, schema);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-wire-'));
  try {
    fs.cpSync(path.join(root, 'types', 'wire'), path.join(folder, 'wire'), { recursive: true });
    const file = path.join(folder, 'examples.ts');
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const compile = (text) => {
      fs.writeFileSync(file, text);
      const args = [tsc, '--strict', '--noEmit', '--module', 'node20', '--types', '', file];
      return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder }).stdout;
    };
    const good = program(found, schema);
    expect(found.length).toBeGreaterThan(150);
    expect(compile(good)).toBe('');
    // Each line fails by itself with one key more.
    const bad = good.replaceAll(/\{"type"/g, '{"extra":1,"type"');
    const failed = new Set(compile(bad).match(/^examples\.ts\(\d+/gm));
    expect(failed.size).toBe(good.match(/^one</gm).length);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

/** All values of an enumeration. */
const { names, codes } = readFixtures().schema;
const quoted = (text) => new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word));

test('every value of an enumeration is in the protocol', () => {
  const protocol = read('PROTOCOL.md');
  const values = Object.values(names).flatMap(({ values = [] }) => values);
  expect(values.filter((value) => !new RegExp(`\\b${value}\\b`).test(protocol))).toEqual([]);
});

/** Rust and JavaScript without tests and comments. */
function sources() {
  const names = ['src', 'lib', 'crates'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(folder, name).replaceAll('\\', '/')),
  );
  return ['index.js', 'binding.js', ...names]
    .filter((name) => /\.(rs|js)$/.test(name))
    .filter((name) => !/_test\.rs$|\/(tests|testing|benches|target)(\/|\.rs$)/.test(name))
    .map((file) => {
      const text = read(file).replace(/#\[cfg\(test\)\]\s*mod \w+ \{.*/s, '');
      return { file, text: text.replace(/^\s*\/\/.*$/gm, '') };
    });
}

/** Where capitals are methods, variables of an environment, signals, countries, devices, answers of others: all but `ERR_…`. */
const OTHER_CAPITALS =
  /^(lib\/cli\/|crates\/trust\/|crates\/forward\/src\/(connection|http|dial|provider|socket|model\/detail\.rs)|crates\/workspace\/src\/(process\/|root\/names\/|watcher\/system\/|git\/tool\/environment\.rs))/;

/** Capitals elsewhere that are no code either: errors of the system, variables, references of git, methods, a signal. */
const NO_CODES =
  /^(E[A-Z]{2,}|UNKNOWN|(GIT|SSH|SSL|NODE|XDG|LOOPWIRE|CARGO|NAPI)_.*|LC_ALL|LANGUAGE|HOME|LOCALAPPDATA|PUBLIC|DISPLAY|GCM_INTERACTIVE|HEAD|NULL|FETCH_HEAD|GET|POST|SIGKILL|ERR_DLOPEN_FAILED|ERR_NAPI_BINDING_TARGET_CONFLICT|MODULE_NOT_FOUND)$/;

test('every code of the sources has its type, and every typed one is in the sources', () => {
  const groups = Object.values(codes).filter(({ numbers }) => !numbers);
  const known = new Set(
    groups.flatMap(({ values }) => (Array.isArray(values) ? values : Object.keys(values))),
  );
  const all = sources();
  const unknown = all.flatMap(({ file, text }) => {
    const found = [...text.matchAll(/["']([A-Z]{2,}(?:_[A-Z]+)*)["']/g)].map(([, word]) => word);
    const here = found.filter((word) => !OTHER_CAPITALS.test(file) || word.startsWith('ERR_'));
    return here
      .filter((word) => !known.has(word) && !NO_CODES.test(word))
      .map((word) => `${file}: ${word}: fixtures/schema/codes.json has no such code`);
  });
  expect(unknown).toEqual([]);
  const text = all.map((one) => one.text).join('\n');
  const literal = (code) => text.includes(`"${code}"`) || text.includes(`'${code}'`);
  expect([...known].filter((code) => !literal(code))).toEqual([]);
});

/** What the first column of the table with this head names. @param {string} text @param {string} head */
function firstColumn(text, head) {
  const [table] = text.split(head)[1].split('\n\n');
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  return new Set(rows.flatMap((row) => [...quoted(row.split('|')[1])]));
}

test('the codes of errors are those of the documents', () => {
  const errors = read('docs', 'errors.md');
  const told = firstColumn(errors, '| code of a thrown error |');
  const thrown = Object.keys(codes.ThrownErrorCode.values);
  const onWire = { ...codes.CommandErrorCode.values, ...codes.GitErrorCode.values };
  expect(thrown.filter((code) => !told.has(code))).toEqual([]);
  expect(
    [...told].filter((code) => code !== '…' && !thrown.includes(code) && !(code in onWire)),
  ).toEqual([]);
  const causes = [...firstColumn(errors, '| `cause.code` |')];
  const ofTheSystem = /^(E[A-Z]{2,}|UNKNOWN|syscall: .*|…)$/;
  const others = causes.filter((code) => !ofTheSystem.test(code) || code in codes.CauseCode.values);
  expect(others.toSorted()).toEqual(Object.keys(codes.CauseCode.values).toSorted());
  // Those of commands are in the protocol's section about them.
  const section = quoted(read('PROTOCOL.md').split('\n## 7.')[1]);
  expect(Object.keys(onWire).filter((code) => !section.has(code))).toEqual([]);
});

test('the close codes are those of the protocol', () => {
  const table = read('PROTOCOL.md').split('| code | meaning |')[1].split('\n\n')[0];
  const told = table
    .split('\n')
    .slice(2)
    .flatMap((row) => row.split('|')[1].match(/\d{4}/g));
  expect(Object.keys(codes.CloseCode.values)).toEqual(told);
});
