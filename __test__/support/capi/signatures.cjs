// The functions of the package, as its types declare them.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../../..');

/** @typedef {{result: string, parameters: {type: string, name: string}[]}} Signature */

/**
 * Those of binding.d.ts, and those of the JavaScript API, which come first.
 *
 * @returns {Map<string, Signature>}
 */
function signatures() {
  const folder = path.join(root, 'types');
  const files = fs.readdirSync(folder).map((name) => path.join(folder, name));
  const texts = [
    path.join(root, 'binding.d.ts'),
    ...files.filter((file) => file.endsWith('.d.ts')),
  ];
  const found = new Map();
  for (const text of texts.map((file) => fs.readFileSync(file, 'utf8'))) {
    const own = new Map();
    for (const match of text.matchAll(/^export (?:declare )?function (\w+)(?:<[^(]*>)?\(/gm)) {
      const [list, rest] = closed(text.slice(match.index + match[0].length));
      const result = /^:\s*([^;\n]+)/.exec(rest)?.[1] ?? '';
      // Of overloads the first one says all.
      if (!own.has(match[1])) own.set(match[1], { result, parameters: split(list).map(parameter) });
    }
    for (const [name, signature] of own) found.set(name, signature);
  }
  return found;
}

/** What stands before the bracket that closes the list, and what behind it. @param {string} text */
function closed(text) {
  let depth = 1;
  for (let at = 0; at < text.length; at += 1) {
    if ('([{'.includes(text[at])) depth += 1;
    if (')]}'.includes(text[at])) depth -= 1;
    if (depth === 0) return [text.slice(0, at), text.slice(at + 1)];
  }
  throw new Error('a list of parameters that does not end');
}

/** @param {string} list */
function split(list) {
  const parts = [''];
  let depth = 0;
  for (const char of list) {
    if ('([{<'.includes(char)) depth += 1;
    if (')]}'.includes(char)) depth -= 1;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.filter((part) => part.trim() !== '');
}

/** @param {string} text */
function parameter(text) {
  const [, name, type] = /^\s*(?:\.\.\.)?(\w+)\??:\s*([^]*\S)\s*$/.exec(text) ?? [];
  return { name, type };
}

module.exports = { signatures };
