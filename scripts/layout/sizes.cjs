// Checks that folders and files of code stay small enough to be taken in at a glance.
'use strict';

const path = require('node:path');

/** Above this a folder holds two rooms. */
const MAX_FILES = 15;

/** Above this a file holds two nouns. */
const MAX_LINES = 400;

const CODE = /\.(rs|js|cjs|mjs|ts)$/;

/** Written by a build or a script. */
const GENERATED = /^(binding\.d\.ts|client\/index\.cjs|types\/wire\/.*)$/;

/**
 * What is too large, in sentences.
 *
 * @param {Record<string, string>} files each file's text by its path
 */
function violations(files) {
  const found = [];
  /** @type {Record<string, number>} */
  const folders = {};
  for (const [file, text] of Object.entries(files)) {
    if (!CODE.test(file) || GENERATED.test(file)) continue;
    const lines = text.split('\n').length - 1;
    if (lines > MAX_LINES)
      found.push(`${file} has ${lines} lines (at most ${MAX_LINES}): find its second noun`);
    // A test beside its file belongs to it.
    if (file.endsWith('_test.rs')) continue;
    // And so do the types of a module.
    if (file.endsWith('.d.ts') && file.replace(/\.d\.ts$/, '.js') in files) continue;
    const folder = path.posix.dirname(file);
    folders[folder] = (folders[folder] ?? 0) + 1;
  }
  for (const [folder, count] of Object.entries(folders)) {
    if (count > MAX_FILES)
      found.push(`${folder} has ${count} files of code (at most ${MAX_FILES}): find its rooms`);
  }
  return found;
}

module.exports = { violations };
