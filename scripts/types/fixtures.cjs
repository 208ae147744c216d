// Reads fixtures/: the examples of each file, and what fixtures/schema/ says about them.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../lib.cjs');

const FIXTURES = path.join(lib.root, 'fixtures');

/** The JSON files of a folder by their names. @param {string} folder @returns {any} */
function readFolder(folder) {
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.json'));
  const read = (/** @type {string} */ file) =>
    JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
  return Object.fromEntries(files.map((file) => [path.basename(file, '.json'), read(file)]));
}

/** What is in fixtures/ now. The examples that are there for the sake of a key come last: comments show the first ones. */
function readFixtures() {
  const { examples, requests, ...fixtures } = readFolder(FIXTURES);
  return {
    schema: readFolder(path.join(FIXTURES, 'schema')),
    fixtures: { ...fixtures, requests, examples },
  };
}

module.exports = { readFixtures };
