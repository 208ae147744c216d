// The functions of loopwire.h, as clang reads them.
'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { tool } = require('../needs.cjs');

const header = path.resolve(__dirname, '../../../crates/capi/include/loopwire.h');

/** @typedef {{result: string, parameters: {type: string, name: string}[]}} Prototype */

/**
 * What a header declares: its functions, and what its types stand for.
 *
 * @param {'c' | 'c++'} language
 * @returns {{functions: Map<string, Prototype>, types: Map<string, string>}}
 */
function declared(language) {
  const flags = ['-x', language, '-Xclang', '-ast-dump=json', '-fsyntax-only', header];
  // The tree names every type of the standard's headers, too.
  const options = { encoding: /** @type {const} */ ('utf8'), maxBuffer: 256 << 20 };
  const { status, stdout, stderr } = spawnSync(tool('clang') ?? '', flags, options);
  if (status !== 0) throw new Error(`clang cannot read the header: ${stderr}`);
  const functions = new Map();
  const types = new Map();
  for (const node of declarations(JSON.parse(stdout))) {
    if (node.kind === 'FunctionDecl') functions.set(node.name, prototype(node));
    if (node.kind === 'TypedefDecl') types.set(node.name, node.type.qualType);
  }
  return { functions, types };
}

/** Those of C++ stand in an `extern "C"`. @param {any} node @returns {Generator<any>} */
function* declarations(node) {
  for (const child of node.inner ?? []) {
    if (child.kind === 'LinkageSpecDecl') yield* declarations(child);
    else yield child;
  }
}

/** @param {any} node @returns {Prototype} */
function prototype(node) {
  const parameters = (node.inner ?? []).filter(
    (/** @type {any} */ child) => child.kind === 'ParmVarDecl',
  );
  return {
    result: node.type.qualType.slice(0, node.type.qualType.indexOf('(')).trim(),
    parameters: parameters.map((/** @type {any} */ parameter) => ({
      type: parameter.type.qualType,
      name: parameter.name,
    })),
  };
}

/**
 * A prototype as it is written: `int F(char* text, int n)`.
 *
 * @param {string} text
 * @returns {Prototype & {name: string}}
 */
function parsed(text) {
  const match = /^(.+?)\s*\b(\w+)\((.*)\)$/.exec(text);
  if (!match) throw new Error(`no prototype: ${text}`);
  const [, result, name, list] = match;
  const given = list === '' || list === 'void' ? [] : list.split(',');
  const parameters = given.map((parameter) => {
    const [, type, name] = /^\s*(.+?)\s*(\w+)\s*$/.exec(parameter) ?? [];
    return { type: spaced(type), name };
  });
  return { result: spaced(result), name, parameters };
}

/** Spaced as clang does it: `uint32_t**` is `uint32_t **`. @param {string} type */
const spaced = (type) => type.replaceAll(/\s+/g, ' ').replace(/\s*(\*+)$/, ' $1');

module.exports = { declared, header, parsed };
