// The documents: how long, where their links lead, what the package has of them, and that every code block has a test.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const manifest = require('../../package.json');
const { Document, documents, root } = require('../support/documents/markdown.cjs');
const { LANGUAGES } = require('../support/documents/section.cjs');

const all = documents().map((name) => new Document(name));
/** Those that only a clone has, and whose code blocks other tests check. */
const examples = ['.', 'c', 'cpp', 'csharp', 'electron', 'go', 'python'].map(
  (name) => new Document(path.posix.join('examples', name, 'README.md')),
);
const linking = [...all, ...examples];
const byName = new Map(linking.map((document) => [document.name, document]));

/** The file or folder that a link of a document leads to, relative to the root; null for one that leads elsewhere. */
function target({ name }, link) {
  if (/^[a-z]+:/.test(link)) return null;
  const [file, anchor] = link.split('#');
  const full = file === '' ? name : path.posix.join(path.posix.dirname(name), file);
  return { file: full, anchor };
}

const targets = (document) => document.links.map((link) => target(document, link)).filter(Boolean);

test('the README has at most 200 lines', () => {
  expect(byName.get('README.md').lines.length).toBeLessThanOrEqual(200);
});

test.each(linking.map((document) => [document.name, document]))(
  'the links of %s lead somewhere',
  (_, document) => {
    for (const { file, anchor } of targets(document)) {
      expect([file, fs.existsSync(path.join(root, file))]).toEqual([file, true]);
      const anchors = anchor === undefined ? [undefined] : byName.get(file).anchors;
      expect([file, anchors]).toEqual([file, expect.arrayContaining([anchor])]);
    }
  },
);

test('what a document of the package links is in the package, too', () => {
  const packed = new Set([...manifest.files, 'README.md', 'LICENSE', 'package.json']);
  const read = all.filter(({ name }) => packed.has(name));
  expect(read.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['README.md', 'docs/api.md']),
  );
  const missing = read.flatMap((document) =>
    targets(document)
      .filter(({ file }) => !packed.has(file))
      .map(({ file }) => `${document.name}: ${file}`),
  );
  expect(missing).toEqual([]);
});

test('every document of the folder docs is in the package', () => {
  const docs = all.map(({ name }) => name).filter((name) => name.startsWith('docs/'));
  expect(manifest.files).toEqual(expect.arrayContaining(docs));
});

test('code is fenced, and in a language that a test runs', () => {
  for (const { name, indented, sections } of all) {
    expect([name, indented]).toEqual([name, []]);
    const languages = sections.flatMap(({ blocks }) => blocks.map(({ language }) => language));
    for (const language of languages)
      expect([name, LANGUAGES]).toEqual([name, expect.arrayContaining([language])]);
  }
});

test('no document and no type names a document that its reader does not have', () => {
  const types = manifest.files.filter((file) => file.endsWith('.d.ts'));
  expect(types).toContain('index.d.ts');
  const texts = types.map((name) => ({
    name,
    text: fs.readFileSync(path.join(root, name), 'utf8'),
  }));
  const named = /seed 00\d|QUALITY|SDK\.md|DESIGN\.md|LAYOUT\.md/;
  for (const { name, text } of [...all, ...texts]) {
    expect([name, named.exec(text)?.[0]]).toEqual([name, undefined]);
  }
});
