// TypeScript of shapes: what a key has for a type, and the comments around it.
'use strict';

/** @typedef {import('./shape.cjs').Shape} Shape */
/** @typedef {{says: string, section: string, keys?: Record<string, string>, types?: Record<string, string>}} Told */

/** The longest line of a comment. */
const WIDTH = 110;

/** @param {string} text */
function wrapped(text) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** A doc comment; an example stays on its line. @param {string} text @param {string} [example] */
function comment(text, example) {
  const lines = wrapped(text);
  if (lines.length === 1 && example === undefined) return `/** ${lines[0]} */\n`;
  if (example !== undefined) lines.push('', '@example', example.replaceAll('*/', '*\\/'));
  return `/**\n${lines.map((line) => (line ? ` * ${line}` : ' *')).join('\n')}\n */\n`;
}

/** What one message is told about: its sentences, and the types that examples do not show. */
class Printer {
  /** The paths that were asked for, of sentences and of types. */
  used = new Set();

  /**
   * @param {string} label what problems begin with
   * @param {Told} told
   * @param {{keys: Record<string, string>, used: Set<string>}} shared sentences of keys that many have
   * @param {string[]} problems
   */
  constructor(label, told, shared, problems) {
    this.label = label;
    this.told = told;
    this.shared = shared;
    this.problems = problems;
  }

  /** @param {string} path */
  sentence(path) {
    const own = this.told.keys?.[path];
    if (own !== undefined) {
      this.used.add(path);
      return own;
    }
    const last = /** @type {string} */ (path.split('.').at(-1));
    const common = this.shared.keys[last];
    if (common === undefined) {
      this.problems.push(`${this.label}: the key ${path} has no sentence`);
      return '';
    }
    this.shared.used.add(last);
    return common;
  }

  /** @param {Shape} shape @param {string} path @returns {string} */
  type(shape, path) {
    const own = this.told.types?.[path];
    if (own !== undefined) {
      this.used.add(path);
      return shape.kinds.has('null') ? `${own} | null` : own;
    }
    return [...shape.kinds]
      .sort((a, b) => Number(a === 'null') - Number(b === 'null'))
      .map((kind) => {
        if (kind === 'object') return this.object(shape, path);
        return kind === 'array' ? this.array(shape, path) : kind;
      })
      .join(' | ');
  }

  /** @param {Shape} shape @param {string} path */
  array(shape, path) {
    const own = this.told.types?.[`${path}[]`];
    if (own === undefined && !shape.items) {
      this.problems.push(`${this.label}: every example of ${path} is empty, so name its type`);
      return 'unknown[]';
    }
    if (!shape.items) return `${own}[]`;
    const inner = this.type(shape.items, `${path}[]`);
    return inner.includes(' ') && !inner.startsWith('{') ? `(${inner})[]` : `${inner}[]`;
  }

  /** @param {Shape} shape @param {string} path */
  object(shape, path) {
    return `{\n${this.members(shape, path)}}`;
  }

  /**
   * The members of an object, each with its sentence.
   *
   * @param {Shape} shape
   * @param {string} path
   * @param {Record<string, string>} [fixed] types of members that have no sentence
   */
  members(shape, path, fixed = {}) {
    let text = '';
    for (const [key, { shape: inner, optional }] of shape.keys ?? []) {
      const mark = optional ? '?' : '';
      const at = path ? `${path}.${key}` : key;
      const says = fixed[key] === undefined && at !== 'data' ? comment(this.sentence(at)) : '';
      text += `${says}${key}${mark}: ${fixed[key] ?? this.type(inner, at)};\n`;
    }
    return text;
  }

  /** Tells of what the schema names and no example has. */
  finish() {
    for (const [what, named] of Object.entries({ sentence: this.told.keys, type: this.told.types }))
      for (const path of Object.keys(named ?? {}))
        if (!this.used.has(path))
          this.problems.push(`${this.label}: no example has ${path}, which has a ${what}`);
  }
}

/** `file:changed` is `FileChanged`. @param {string} type */
const pascal = (type) =>
  type
    .split(':')
    .map((part) => part[0].toUpperCase() + part.slice(1))
    .join('');

module.exports = { Printer, comment, pascal };
