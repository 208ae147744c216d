// The listener that a command connects to, from its URL, its options and the environment.
'use strict';

const files = require('../file.js');
const { Problem, complain, usage } = require('../problem.js');
const token = require('../token.js');
const { target } = require('./target.js');

/**
 * Reads the URL and the options that say whom to trust. The token is in the result, and in nothing that is printed.
 *
 * @param {Record<string, any>} values
 * @param {string} url
 * @param {string} command the name of the command, for the title of the process
 * @param {string} [carried] what crosses the network besides the token
 */
function listener(values, url, command, carried = 'everything else') {
  const where = target(url);
  const inUrl = where.token !== undefined;
  if (inUrl && values['token-file'] !== undefined) {
    throw usage('the URL contains a token already: it and --token-file exclude each other');
  }
  if (inUrl) {
    // Hides it from now on, if the system lets a process change its title.
    if (process.platform !== 'win32') process.title = `loopwire ${command}`;
    complain(
      'warning: a token in the URL can be read in the list of processes and in the history of the shell; ' +
        'use --token-file or LOOPWIRE_TOKEN',
    );
  }
  const given = token.given(values['token-file']);
  where.token ??= given;
  if (where.token === undefined) {
    throw usage('there is no token: give --token-file FILE, or set LOOPWIRE_TOKEN');
  }
  if (values.ca !== undefined && values.fingerprint !== undefined) {
    throw usage('--ca and --fingerprint exclude each other');
  }
  if (!where.secure && (values.ca ?? values.fingerprint) !== undefined) {
    throw usage('--ca and --fingerprint are for wss:// URLs: without TLS there is no certificate');
  }
  const { exposed, ...rest } = where;
  if (exposed) {
    complain(`warning: without TLS the token and ${carried} cross the network unencrypted`);
  }
  return {
    ...rest,
    ca: values.ca === undefined ? undefined : pem(values.ca),
    fingerprint: values.fingerprint,
  };
}

function pem(file) {
  try {
    return files.read(file).text;
  } catch (error) {
    throw new Problem(`the CA file cannot be read: ${error.message}`);
  }
}

module.exports = { listener };
