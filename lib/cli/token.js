// The token: from a file or from the environment, never from the command line.
'use strict';

const files = require('./file.js');
const { Problem, complain } = require('./problem.js');
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
  let found;
  try {
    found = files.read(file, MOST_BYTES);
  } catch (error) {
    throw new Problem(`the token file cannot be read: ${error.message}`);
  }
  if (process.platform !== 'win32' && (found.stat.mode & 0o077) !== 0) {
    complain(`warning: other users may read ${file}; protect the token with chmod 600`);
  }
  // No token has white space.
  return found.text.trim();
}

module.exports = { TOKEN, VARIABLE, given };
