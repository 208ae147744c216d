// New directories, each of which ends with its test.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/**
 * To be called once in a test file, after what ends those that use the directories; gives what makes one.
 *
 * @param {string} name
 */
function folders(name) {
  const made = [];
  afterEach(() => {
    for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), `loopwire-${name}-`));
    made.push(folder);
    return folder;
  };
}

module.exports = { folders };
