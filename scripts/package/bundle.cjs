// Puts the JavaScript API of the package into two files: `loopwire.js`, which `require('loopwire')` loads, and
// `lib/workspace.js`, which the first workspace loads. A file costs more than what is in it; docs/design/loading.md has figures.
//
// A module becomes a function with the text of its file, so that stacks and debuggers show the sources as they are.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../lib.cjs');

/** The module that stays in a file of its own, with what nothing else needs. */
const LATER = 'lib/workspace.js';

/** What the command line loads by itself: these files are packed as they are, too. */
const ALONE = /^(binding\.js|lib\/loader\/)/;

const MADE = 'Made by scripts/package/bundle.cjs of the files that are named in it.';

const START = `// The JavaScript API of Loopwire. ${MADE}
'use strict';

const modules = {};
const loaded = {};

/** What a module exports; \`more\` are modules that were loaded later. */
function part(name, more) {
  if (loaded[name] === undefined) {
    const made = { exports: {} };
    Object.assign(modules, more);
    modules[name](made, part);
    loaded[name] = made;
  }
  return loaded[name].exports;
}
`;

const SECOND = `// What a workspace needs of the JavaScript API of Loopwire. ${MADE}
'use strict';

const modules = exports;
`;

const REQUIRED = /\brequire\('(\.[^']*)'\)/g;
const EXPORTED = /^module\.exports = /gm;

/** @param {string} file @param {string} name */
const resolved = (file, name) => path.posix.join(path.posix.dirname(file), name);

/** @param {string} file */
const read = (file) => fs.readFileSync(path.join(lib.root, file), 'utf8');

/**
 * The modules that one needs and that are not there yet, in the order in which they can be run.
 *
 * @param {string} entry
 * @param {string[]} there
 */
function needed(entry, there) {
  /** @type {string[]} */
  const order = [];
  const visit = (/** @type {string} */ file) => {
    if (there.includes(file) || order.includes(file)) return;
    for (const [, name] of read(file).matchAll(REQUIRED)) {
      const other = resolved(file, name);
      if (other !== LATER) visit(other);
    }
    order.push(file);
  };
  visit(entry);
  return order;
}

/** The text of a module with its calls of \`require\` in the words of the bundle. @param {string} file */
function body(file) {
  const text = read(file).replace(/^'use strict';\n\n/m, '');
  return text.replace(REQUIRED, (_, name) => {
    const other = resolved(file, name);
    return other === LATER ? `part('${LATER}', require('./${LATER}'))` : `part('${other}')`;
  });
}

/** A module as a function. The parentheses have V8 compile it at once: it is called at once. @param {string} file */
function wrapped(file) {
  const text = body(file);
  if (text.match(EXPORTED)?.length !== 1) throw new lib.Problem(`${file} has not one export.`);
  const own = text.replace(EXPORTED, 'made.exports = ');
  return `\nmodules['${file}'] = (function (made, part) {\n${own}});\n`;
}

/**
 * The files of the package that are made, and those that they are made of and take the place of.
 *
 * @returns {{made: Record<string, string>, replaced: string[]}}
 */
function bundle() {
  const first = needed('index.js', []);
  const second = needed(LATER, first);
  const start = first.slice(0, -1).map(wrapped).join('');
  const entry = read('entry.js')
    .replace(/require\('(\.\/lib\/loader\/node\.js)'\);\n/, () =>
      read('lib/loader/node.js').replace(/^.*\n'use strict';\n\n/, ''),
    )
    .replace("'./index.js'", "'./loopwire.js'");
  const made = {
    'entry.js': entry,
    // The last one is no function, so that Node finds the names that it exports.
    'loopwire.js': `${START}${start}\n${body('index.js')}`,
    [LATER]: `${SECOND}${second.map(wrapped).join('')}`,
  };
  const replaced = [...first, ...second].filter((file) => !(file in made) && !ALONE.test(file));
  return { made, replaced };
}

module.exports = { bundle };
