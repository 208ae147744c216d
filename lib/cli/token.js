// The token: from a file or from the environment, never from what is typed.
'use strict';

const fs = require('node:fs');
const { Problem, complain } = require('./problem.js');

const VARIABLE = 'LOOPWIRE_TOKEN';
/** What a listener takes (PROTOCOL section 1). */
const TOKEN = /^[0-9A-Za-z._~-]{1,256}$/;
/** More than that is no token's file, and is not read. */
const MOST_BYTES = 4096;

/** The token that was given, if one was. The variable is gone afterwards: programs that are started must not have it. */
function given(file) {
  const variable = process.env[VARIABLE];
  delete process.env[VARIABLE];
  if (file !== undefined) return checked(read(file), `the file ${file}`);
  if (variable !== undefined) return checked(variable.trim(), VARIABLE);
  return undefined;
}

function checked(token, where) {
  if (TOKEN.test(token)) return token;
  const what = token === '' ? 'is empty' : 'holds no token';
  throw new Problem(`${where} ${what}: a token is 1 to 256 of 0-9 A-Z a-z . _ ~ -`);
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
      complain(`warning: others may read ${file}; chmod 600 would keep the token to yourself`);
    }
    return fs.readFileSync(fd, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new Problem(`the token file cannot be read: ${error.message}`);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

module.exports = { TOKEN, VARIABLE, given };
