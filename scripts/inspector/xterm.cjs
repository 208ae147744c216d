// xterm.js without inline styles, which the page's policy forbids. It writes rules into <style> elements and colours into the
// attribute `style`. Here it gets sheets of the object model and the property `style` in their place, which the policy
// does not concern.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../lib.cjs');

const sheets = path.join(lib.root, 'inspector', 'src', 'xterm', 'sheet.js');

/** What is replaced, how often it must be there, and with what. */
const CHANGES = /** @type {const} */ ([
  [/\b[\w.]+\.createElement\("style"\)/g, 3, 'makeSheet()'],
  [
    /(\w+)\.setAttribute\("style",`\$\{\1\.getAttribute\("style"\)\|\|""\}\$\{(\w+)\};`\)/g,
    1,
    '$1.style.cssText+=$2+";"',
  ],
]);

/** What would still write an inline style, or could. */
const LEFT = /createElement\("style"\)|setAttribute\("style"|innerHTML/;

/** @param {string} text */
function change(text) {
  for (const [pattern, times, instead] of CHANGES) {
    const found = text.match(pattern)?.length ?? 0;
    if (found !== times)
      throw new lib.Problem(
        `xterm.js has ${found} places like ${pattern}, and ${times} were expected: see what it does now.`,
      );
    text = text.replace(pattern, instead);
  }
  if (LEFT.test(text)) throw new lib.Problem(`xterm.js has an inline style: ${LEFT.exec(text)}`);
  return `import { makeSheet } from ${JSON.stringify(sheets)};\n${text}`;
}

/** @type {import('esbuild').Plugin} */
const withoutInlineStyles = {
  name: 'xterm without inline styles',
  setup(build) {
    build.onLoad({ filter: /@xterm[\\/]xterm[\\/]lib[\\/]xterm\.mjs$/ }, ({ path: file }) => ({
      contents: change(fs.readFileSync(file, 'utf8')),
    }));
  },
};

module.exports = { withoutInlineStyles };
