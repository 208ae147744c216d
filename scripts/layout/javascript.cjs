// Finds circles among the JavaScript files, by what they require.
'use strict';

const path = require('node:path');
const { circles } = require('./circles.cjs');

/**
 * What breaks the rules, in sentences.
 *
 * @param {Record<string, string>} files each file's text by its path
 */
function violations(files) {
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();
  for (const [file, text] of Object.entries(files)) {
    if (!/\.c?js$/.test(file)) continue;
    const edges = new Set();
    graph.set(file, edges);
    for (const [, name] of text.matchAll(/\brequire\(\s*['"](\.[^'"]*)['"]\s*\)/g)) {
      const target = path.posix.join(path.posix.dirname(file), name);
      const found = [target, `${target}.js`, `${target}.cjs`, `${target}/index.js`].find(
        (one) => one in files,
      );
      if (found) edges.add(found);
    }
  }
  return circles(graph).map((circle) => `a circle of imports: ${circle.join(' → ')}`);
}

module.exports = { violations };
