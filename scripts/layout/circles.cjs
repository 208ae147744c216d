// Finds circles in a graph of imports.
'use strict';

/**
 * One circle for each group of nodes that reach one another.
 *
 * @param {Map<string, Set<string>>} graph
 * @returns {string[][]} each circle's nodes in the order of the imports, the first one again at the end
 */
function circles(graph) {
  const found = [];
  /** @type {Set<string>} */
  const grouped = new Set();
  for (const node of graph.keys()) {
    if (grouped.has(node)) continue;
    const way = back(graph, node);
    if (!way) continue;
    found.push(way);
    const reached = reach(graph, node);
    for (const other of reached) if (reach(graph, other).has(node)) grouped.add(other);
  }
  return found;
}

/** All that can be reached from a node. @param {Map<string, Set<string>>} graph @param {string} from */
function reach(graph, from) {
  /** @type {Set<string>} */
  const seen = new Set();
  const open = [...(graph.get(from) ?? [])];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...(graph.get(node) ?? []));
  }
  return seen;
}

/** A shortest way from a node back to itself. @param {Map<string, Set<string>>} graph @param {string} node */
function back(graph, node) {
  /** @type {Map<string, string>} */
  const before = new Map();
  let front = [node];
  while (front.length > 0) {
    const next = [];
    for (const one of front) {
      for (const target of graph.get(one) ?? []) {
        if (target === node) {
          const way = [node];
          for (let at = one; at !== node; at = /** @type {string} */ (before.get(at)))
            way.unshift(at);
          return [node, ...way];
        }
        if (before.has(target)) continue;
        before.set(target, one);
        next.push(target);
      }
    }
    front = next;
  }
  return null;
}

module.exports = { circles };
