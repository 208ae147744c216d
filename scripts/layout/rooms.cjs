// Checks the rooms of one crate: no import that runs up, no circle, no room without a place in the order.
'use strict';

const path = require('node:path');
const { circles } = require('./circles.cjs');
const rust = require('./rust.cjs');

/** @typedef {import('./rust.cjs').Module} Module */

/** From the crate's root down to the module. @param {Module} module @returns {Module[]} */
const lineage = (module) => [...(module.parent ? lineage(module.parent) : []), module];

/** `connection/writer`, and `` for the crate's root. @param {Module} module */
const placeOf = (module) =>
  lineage(module)
    .slice(1)
    .map((one) => one.name)
    .join('/');

/** @param {Module} module */
const nameOf = (module) => placeOf(module) || 'lib';

/**
 * What breaks the rules, in sentences.
 *
 * @param {string} crate @param {string} file its `lib.rs` @param {Record<string, string[]>} orders rooms from the top floor down, for the crate and for folders in it
 */
function violations(crate, file, orders) {
  const top = rust.read(file, 'crate', path.dirname(file));
  const modules = rust.all(top);
  /** @type {string[]} */
  const found = [];
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();

  for (const [place, order] of Object.entries(orders)) {
    if (place !== crate && !place.startsWith(`${crate}/`)) continue;
    const folder = place.slice(crate.length + 1);
    const room = modules.find((module) => placeOf(module) === folder);
    if (!room) {
      found.push(`${place} is in the order of rooms, but there is no such folder`);
      continue;
    }
    for (const child of room.children.keys()) {
      if (!order.includes(child))
        found.push(`${place}: ${child} has no place in the order of rooms`);
    }
    for (const name of order) {
      if (!room.children.has(name))
        found.push(`${place}: the order names ${name}, which is not there`);
    }
  }

  for (const module of modules) {
    const edges = new Set();
    graph.set(nameOf(module), edges);
    for (const target of rust.imports(module)) {
      edges.add(nameOf(target));
      const sentence = upward(crate, module, target, orders);
      if (sentence) found.push(sentence);
    }
  }
  for (const circle of circles(graph)) {
    found.push(`${crate}: a circle of imports: ${circle.join(' → ')}`);
  }
  return found;
}

/** @param {string} crate @param {Module} module @param {Module} target @param {Record<string, string[]>} orders */
function upward(crate, module, target, orders) {
  const [from, to] = [lineage(module), lineage(target)];
  let depth = 0;
  while (from[depth] && from[depth] === to[depth]) depth += 1;
  const arrow = `${crate}: ${nameOf(module)} imports ${nameOf(target)}`;
  // A folder's own file is above what is in the folder.
  if (!to[depth]) return `${arrow}, which runs up`;
  if (!from[depth]) return null;
  const room = placeOf(from[depth - 1]);
  const order = orders[room ? `${crate}/${room}` : crate];
  if (!order) return null;
  const [above, below] = [order.indexOf(from[depth].name), order.indexOf(to[depth].name)];
  return above >= 0 && below >= 0 && above > below ? `${arrow}, which runs up` : null;
}

/**
 * The rooms as a reader would draw them.
 *
 * @param {string} crate @param {string} file @param {Record<string, string[]>} orders
 */
function picture(crate, file, orders) {
  const top = rust.read(file, 'crate', path.dirname(file));
  const lines = [crate];
  const draw = (
    /** @type {Module} */ room,
    /** @type {string} */ place,
    /** @type {string} */ indent,
  ) => {
    const order = orders[place] ?? [...room.children.keys()];
    for (const name of order) {
      const child = room.children.get(name);
      if (!child) continue;
      const nested = orders[`${place}/${name}`];
      const files = [...child.children.keys()];
      lines.push(`${indent}${name.padEnd(14)}${nested ? '' : files.join(' ')}`.trimEnd());
      if (nested) draw(child, `${place}/${name}`, `${indent}  `);
    }
  };
  draw(top, crate, '  ');
  return lines.join('\n');
}

module.exports = { picture, violations };
