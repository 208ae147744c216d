// What examples of one message have in common: the kinds of their values, and which keys are not always there.
'use strict';

/**
 * @typedef {object} Shape
 * @property {Set<string>} kinds `string`, `number`, `boolean`, `null`, `array`, `object`
 * @property {Shape} [items] of arrays
 * @property {Map<string, {shape: Shape, optional: boolean}>} [keys] of objects
 */

/** @param {any} value @returns {string} */
function kindOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/**
 * The shape of several values of the same place. A key is optional exactly if some have it and others do not.
 *
 * @param {any[]} values at least one
 * @returns {Shape}
 */
function shapeOf(values) {
  const kinds = new Set(values.map(kindOf));
  /** @type {Shape} */
  const shape = { kinds };
  const items = values.filter(Array.isArray).flat();
  if (items.length > 0) shape.items = shapeOf(items);
  const objects = values.filter((value) => kindOf(value) === 'object');
  if (objects.length > 0) {
    shape.keys = new Map();
    for (const key of new Set(objects.flatMap(Object.keys))) {
      const having = objects.filter((object) => key in object);
      const optional = having.length < objects.length;
      shape.keys.set(key, { shape: shapeOf(having.map((object) => object[key])), optional });
    }
  }
  return shape;
}

/**
 * The paths of all keys beneath, as `data.ports[].port`.
 *
 * @param {Shape} shape
 * @param {string} [at]
 * @returns {string[]}
 */
function paths(shape, at = '') {
  const found = [];
  for (const [key, { shape: inner }] of shape.keys ?? []) {
    const path = at ? `${at}.${key}` : key;
    found.push(path, ...paths(inner, path));
  }
  if (shape.items) found.push(...paths(shape.items, `${at}[]`));
  return found;
}

module.exports = { kindOf, paths, shapeOf };
