// Reads the source of one crate: its modules, what each defines, and which file each path leads to.
//
// A small reader, not a compiler: it knows comments, strings, `mod`, `use` and paths. That is enough, because rustc
// has already checked that the paths exist; what is wanted here is only which file they lead to.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * @typedef {{alias: string, path: string[], shared: boolean}} Use one name that a `use` brings in; `shared` if it has a visibility
 * @typedef {{name: string, file: string, parent: Module | null, children: Map<string, Module>, items: Set<string>, uses: Use[], code: string}} Module
 */

/** The same text with blanks for comments and for what stands in quotes. @param {string} text */
function bare(text) {
  const token =
    /\/\/[^\n]*|\/\*|b?r(#*)"|b?"(?:[^"\\]|\\[^])*"|b?'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x..|.))'/g;
  let out = '';
  let at = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    let end = token.lastIndex;
    if (match[0] === '/*') end = commentEnd(text, match.index);
    else if (match[1] !== undefined) {
      const close = text.indexOf(`"${match[1]}`, end);
      end = close < 0 ? text.length : close + 1 + match[1].length;
    }
    out += text.slice(at, match.index) + text.slice(match.index, end).replace(/[^\n]/g, ' ');
    at = end;
    token.lastIndex = end;
  }
  return out + text.slice(at);
}

/** Block comments nest. @param {string} text @param {number} from */
function commentEnd(text, from) {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 0;
  for (let match = mark.exec(text); match; match = mark.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
}

/** Where the item that begins at `from` ends: behind its `;` or its closing brace. @param {string} code @param {number} from */
function itemEnd(code, from) {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    const char = code[at];
    if ('([{'.includes(char)) depth += 1;
    if (')]}'.includes(char)) depth -= 1;
    if (depth === 0 && (char === ';' || char === '}')) return at + 1;
  }
  return code.length;
}

/** Without what is compiled for tests alone. @param {string} code */
function withoutTests(code) {
  const attribute = /#\[cfg\((?:test|all\(test\b[^\]]*)\)\]/g;
  let out = '';
  let at = 0;
  for (let match = attribute.exec(code); match; match = attribute.exec(code)) {
    const end = itemEnd(code, afterAttributes(code, attribute.lastIndex));
    out += code.slice(at, match.index);
    at = end;
    attribute.lastIndex = end;
  }
  return out + code.slice(at);
}

/** Behind further attributes of the same item. @param {string} code @param {number} from */
function afterAttributes(code, from) {
  const next = /\s*#\[/y;
  let at = from;
  for (;;) {
    next.lastIndex = at;
    if (!next.test(code)) return at;
    let depth = 1;
    for (at = next.lastIndex; depth > 0 && at < code.length; at += 1) {
      if (code[at] === '[') depth += 1;
      if (code[at] === ']') depth -= 1;
    }
  }
}

/** The names that one `use` tree brings in. @param {string} tree @param {string[]} [before] @returns {{alias: string, path: string[]}[]} */
function names(tree, before = []) {
  const text = tree.trim();
  const brace = text.indexOf('{');
  if (brace >= 0) {
    const prefix = [...before, ...text.slice(0, brace).split('::').map(trim).filter(Boolean)];
    const inner = text.slice(brace + 1, text.lastIndexOf('}'));
    return split(inner).flatMap((one) => names(one, prefix));
  }
  if (text === '') return [];
  const [whole, as] = text.split(/\s+as\s+/).map(trim);
  let parts = [...before, ...whole.split('::').map(trim)];
  if (parts.at(-1) === 'self') parts = parts.slice(0, -1);
  return [{ alias: as ?? /** @type {string} */ (parts.at(-1)), path: parts }];
}

const trim = (/** @type {string} */ text) => text.trim();

/** Splits at the commas that are in no brace. @param {string} text */
function split(text) {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

const VISIBLE = String.raw`(pub(?:\s*\([^)]*\))?\s+)?`;
const USE = new RegExp(String.raw`(?<![\w:])${VISIBLE}use\s+([^;]+);`, 'g');
const ITEM =
  /(?<![\w:])(?:struct|enum|union|trait|fn|type|static|const|macro_rules!)\s+(?:mut\s+)?([A-Za-z_]\w*)/g;

/**
 * Reads a module and those below it.
 *
 * @param {string} file @param {string} name @param {string} dir where files of its children are @param {Module | null} [parent]
 * @returns {Module}
 */
function read(file, name, dir, parent = null) {
  const source = fs.readFileSync(file, 'utf8');
  const plain = bare(source);
  let code = withoutTests(plain);
  /** @type {Module} */
  const module = { name, file, parent, children: new Map(), items: new Set(), uses: [], code: '' };
  for (const [, shared, tree] of code.matchAll(USE)) {
    for (const one of names(tree)) module.uses.push({ ...one, shared: Boolean(shared) });
  }
  code = code.replace(USE, ';');
  for (const [, item] of code.matchAll(ITEM)) module.items.add(item);
  module.code = code;
  for (const [, child] of code.matchAll(/(?<![\w:])mod\s+(\w+)\s*;/g)) {
    const named = pathAttribute(source, child);
    const found = named
      ? [path.join(path.dirname(file), named)]
      : [path.join(dir, `${child}.rs`), path.join(dir, child, 'mod.rs')];
    const childFile = found.find((one) => fs.existsSync(one));
    if (childFile) {
      module.children.set(child, read(childFile, child, path.join(dir, child), module));
    }
  }
  return module;
}

/** The file that a `#[path]` names for a module on this system. @param {string} source @param {string} child */
function pathAttribute(source, child) {
  // A module that has another file on another system has its usual one here.
  const plain = new RegExp(
    String.raw`#\[path = "([^"]+)"\]\s*(?:pub(?:\([^)]*\))?\s+)?mod ${child};`,
  ).exec(source);
  const twice = source.match(new RegExp(String.raw`\bmod ${child};`, 'g'));
  return plain && twice?.length === 1 ? plain[1] : null;
}

/** Every module, the one given first. @param {Module} module @returns {Module[]} */
const all = (module) => [module, ...[...module.children.values()].flatMap(all)];

/** @param {Module} module @returns {Module} */
const rootOf = (module) => (module.parent ? rootOf(module.parent) : module);

/**
 * The module that defines what a path names; nothing for what is not of this crate.
 *
 * @param {Module} from @param {string[]} parts @param {Set<string>} [seen] paths under way: globs may go round
 * @returns {Module | null}
 */
function resolve(from, parts, seen = new Set()) {
  let at = from;
  let index = 0;
  let entered = false;
  for (; index < parts.length; index += 1) {
    const part = parts[index];
    if (index === 0 && part === 'crate') at = rootOf(from);
    else if (part === 'super') at = at.parent ?? at;
    else if (part === 'self') at = from;
    else if (at.children.has(part)) at = /** @type {Module} */ (at.children.get(part));
    else break;
    entered = true;
  }
  if (index === parts.length) return at;
  const [name, ...rest] = parts.slice(index);
  const key = `${at.file}::${name}`;
  if (seen.has(key)) return null;
  seen.add(key);
  if (at.items.has(name)) return entered || at === from ? at : null;
  const use = at.uses.find((one) => one.alias === name);
  if (use) return resolve(at, [...use.path, ...rest], seen);
  for (const glob of at.uses.filter((one) => one.alias === '*')) {
    const found = resolve(at, [...glob.path.slice(0, -1), name, ...rest], seen);
    if (found) return found;
  }
  return null;
}

/**
 * The modules that a module imports from: what its own code names. A name that it only hands on
 * (`pub use`) is not imported.
 *
 * @param {Module} module @returns {Set<Module>}
 */
function imports(module) {
  /** @type {Set<Module>} */
  const found = new Set();
  const add = (/** @type {string[]} */ parts) => {
    const target = resolve(module, parts);
    if (target && target !== module) found.add(target);
  };
  for (const { alias, path: parts, shared } of module.uses) {
    if (shared) continue;
    const target = resolve(module, parts);
    const isModule = target?.name === parts.at(-1);
    const inside = isModule ? inCode(module, alias) : [];
    if (inside.length > 0) inside.forEach(add);
    else add(parts);
  }
  const paths = module.code.matchAll(/(?<![\w:$])(?:crate|super|self)(?:::\w+)+/g);
  for (const [text] of paths) add(text.split('::'));
  for (const child of module.children.keys()) inCode(module, child).forEach(add);
  return found;
}

/** The paths of the code that begin with this name. @param {Module} module @param {string} name */
function inCode(module, name) {
  const pattern = new RegExp(String.raw`(?<![\w:])${name}(?:::\w+)+`, 'g');
  return [...module.code.matchAll(pattern)].map(([text]) => text.split('::'));
}

module.exports = { all, imports, read };
