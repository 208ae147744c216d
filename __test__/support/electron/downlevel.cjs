// Loopwire for the Electron that tests can have: version 9, whose Node is 12. esbuild makes the syntax older; what no syntax
// gives is replaced here, for the tests alone. The native core is the one that is shipped, as it is.
'use strict';

const path = require('node:path');
const { build } = require('esbuild');

const root = path.resolve(__dirname, '..', '..', '..');

/** What V8 8.3 lacks of the language's own functions, as far as the package calls it. */
const YOUNGER = `
if (!Object.hasOwn) {
  Object.hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
}
if (!Array.prototype.findLast) {
  Object.defineProperty(Array.prototype, 'findLast', {
    configurable: true,
    writable: true,
    value(fits) { return this.slice().reverse().find(fits); },
  });
}
if (!String.prototype.replaceAll) {
  Object.defineProperty(String.prototype, 'replaceAll', {
    configurable: true,
    writable: true,
    value(from, to) { return this.split(from).join(to); },
  });
}
if (typeof WeakRef === 'undefined') {
  globalThis.WeakRef = class { constructor(value) { this.value = value; } deref() { return this.value; } };
}
`;

/** The files of the package that ask for more than Node 12 has, and what stands in their place. */
const REPLACED = {
  // The refusal of an old Node: that is what these tests do without.
  'lib/loader/node.js': '',
  // Node 12 knows no `node:`, no `diagnostics_channel` (which nobody subscribes to here) and no `markAsUntransferable`, and its
  // `readSync` wants all of its arguments.
  'lib/loader/builtin.js': `
    const silent = { hasSubscribers: false };
    const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];
    const tracingChannel = () => Object.fromEntries(names.map((name) => [name, silent]));
    const fs = __nodeRequire('fs');
    const readSync = (file, bytes) => fs.readSync(file, bytes, 0, bytes.length, null);
    const own = {
      'node:diagnostics_channel': { channel: () => silent, tracingChannel },
      'node:fs': Object.assign(Object.create(fs), { readSync }),
      'node:worker_threads': { ...__nodeRequire('worker_threads'), markAsUntransferable() {} },
    };
    exports.builtin = (name) => own[name] || __nodeRequire(name.replace('node:', ''));
  `,
};

const stands = {
  name: 'what Node 12 lacks',
  setup({ onLoad }) {
    for (const [name, contents] of Object.entries(REPLACED)) {
      const file = path.join(root, name);
      const filter = new RegExp(`${name.replaceAll('.', String.raw`\.`)}$`);
      onLoad({ filter }, (found) => (found.path === file ? { contents, loader: 'js' } : undefined));
    }
  },
};

/** Writes the package as one file for Node 12. @param {string} outfile */
const forMain = (outfile) =>
  build({
    entryPoints: [path.join(root, 'entry.js')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node12',
    banner: { js: `const __nodeRequire = require;\n${YOUNGER}` },
    plugins: [stands],
    logLevel: 'warning',
  });

/** Writes the client as one file for Chromium 83. @param {string} outfile @param {'esm' | 'iife'} [format] a script makes a global */
const forPage = (outfile, format = 'iife') =>
  build({
    entryPoints: [path.join(root, 'client', 'index.js')],
    outfile,
    bundle: true,
    format,
    globalName: format === 'iife' ? 'loopwireClient' : undefined,
    target: 'chrome83',
    banner: { js: YOUNGER },
    logLevel: 'warning',
  });

module.exports = { forMain, forPage };
