// A document in Markdown, as far as tests need it: its sections with their code blocks, its links, its headings.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..', '..');

/** @param {string} name */
function folder(name) {
  const files = fs.readdirSync(path.join(root, name)).filter((file) => file.endsWith('.md'));
  return files.map((file) => path.posix.join(name, file));
}

/** All documents that a reader of the package may open, relative to the root. */
function documents() {
  return [
    ...folder('.'),
    ...folder('docs'),
    ...folder('docs/design'),
    'examples/provider/README.md',
  ];
}

/**
 * A code block. `notes` is what the comment before it says: `file: a.js; prints: hello` is
 * `{ file: 'a.js', prints: 'hello' }`.
 *
 * @typedef {{language: string, code: string, line: number, notes: Record<string, string>}} Block
 */

/** What a comment before a block says. @param {string} text */
function notesOf(text) {
  const notes = text.split('; ').map((note) => {
    const colon = note.indexOf(': ');
    return colon < 0
      ? [note.trim(), '']
      : [note.slice(0, colon).trim(), note.slice(colon + 2).trim()];
  });
  return Object.fromEntries(notes);
}

/** The name by which GitHub links to a heading. @param {string} heading */
const anchor = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .replaceAll(' ', '-');

/** One document. */
class Document {
  /** @type {{title: string, blocks: Block[]}[]} */
  sections = [];
  /** @type {string[]} */
  anchors = [];
  /** Lines of code that are indented instead of fenced. @type {number[]} */
  indented = [];
  /** The text without its code. */
  prose = '';

  /** @param {string} name relative to the root */
  constructor(name) {
    this.name = name;
    this.text = fs.readFileSync(path.join(root, name), 'utf8');
    this.lines = this.text.replace(/\n$/, '').split('\n');
    this.#read();
  }

  /** The targets of its links. */
  get links() {
    const text = this.prose.replace(/`[^`\n]*`/g, '');
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  }

  #read() {
    let notes = {};
    let block;
    this.sections.push({ title: 'the beginning', blocks: [] });
    for (const [index, line] of this.lines.entries()) {
      if (block) {
        if (line === '```') block = undefined;
        else block.code += `${line}\n`;
        continue;
      }
      const [, language] = /^```(.*)$/.exec(line) ?? [];
      const [, comment] = /^<!-- (.*) -->$/.exec(line) ?? [];
      const [, heading] = /^#{1,6} (.*)$/.exec(line) ?? [];
      if (language !== undefined) {
        block = { language, code: '', line: index + 1, notes };
        this.sections.at(-1).blocks.push(block);
      } else if (/^ {4}/.test(line) && this.lines[index - 1] === '') {
        this.indented.push(index + 1);
      }
      if (heading) {
        this.anchors.push(anchor(heading));
        this.sections.push({ title: heading, blocks: [] });
      }
      notes = comment === undefined ? {} : notesOf(comment);
      if (language === undefined) this.prose += `${line}\n`;
    }
  }
}

module.exports = { Document, documents, root };
