// The token: from a file or from the environment, never from the command line.
'use strict';

const fs = require('node:fs');
const { Problem, complain } = require('./problem.js');
const { decode } = require('./text.js');
const { take } = require('./variable.js');

const VARIABLE = 'LOOPWIRE_TOKEN';
/** A valid token (PROTOCOL section 1). */
const TOKEN = /^[0-9A-Za-z._~-]{1,256}$/;
/** A larger file cannot be a token file and is not read. */
const MOST_BYTES = 4096;

/** The given token, if there is one. Afterwards no program that is started can read the variable. */
function given(file) {
  const variable = take(VARIABLE);
  if (file !== undefined) return checked(read(file), `the file ${file}`);
  if (variable !== undefined) return checked(variable.trim(), VARIABLE);
  return undefined;
}

function checked(token, where) {
  if (TOKEN.test(token)) return token;
  const what = token === '' ? 'is empty' : 'holds no valid token';
  throw new Problem(`${where} ${what}: a token has 1 to 256 characters of 0-9 A-Z a-z . _ ~ -`);
}

function read(file) {
  let fd;
  try {
    fd = fs.openSync(file, 'r');
    const stat = fs.fstatSync(fd);
    if (stat.isDirectory()) throw new Error(`${file} is a directory`);
    const { mode, size } = stat;
    if (size > MOST_BYTES) return '?';
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      complain(`warning: other users may read ${file}; protect the token with chmod 600`);
    }
    // No token has white space.
    return decode(fs.readFileSync(fd)).trim();
  } catch (error) {
    throw new Problem(`the token file cannot be read: ${error.message}`);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

module.exports = { TOKEN, VARIABLE, given };
