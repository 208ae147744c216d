// A module of the inspector's sources, for tests that need no browser.
'use strict';

const path = require('node:path');

const root = path.resolve(__dirname, '../../../inspector/src');

/** @param {string} file beneath inspector/src */
function source(file) {
  const { buildSync } = require('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [path.join(root, file)],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
  });
  const module = { exports: {} };
  // eslint-disable-next-line no-new-func
  new Function('module', 'exports', outputFiles[0].text)(module, module.exports);
  return module.exports;
}

module.exports = { source };
