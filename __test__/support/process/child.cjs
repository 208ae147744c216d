// Test programs in processes of their own, with their own memory, descriptors and end.
'use strict';

const path = require('node:path');
const { addonPath } = require('../harness.cjs');
const program = require('./program.cjs');

/**
 * Starts `children/<name>.cjs`. Each line that it prints is JSON; the inbox holds what that says.
 *
 * @param {string} name
 * @param {{args?: string[], node?: string, flags?: string[], under?: string[], variables?: Record<string, string>}} [options]
 *   `under` is a command that the program runs under, such as `prlimit --nofile=256`
 */
function start(
  name,
  { args = [], node = process.execPath, flags = [], under = [], variables = {} } = {},
) {
  const file = path.join(__dirname, '..', 'children', `${name}.cjs`);
  const [command, ...rest] = [...under, node, ...flags, file, ...args];
  return program.run(command, rest, {
    env: { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: addonPath, ...variables },
    parse: JSON.parse,
    // Measurements take long; the test has its own limit.
    patience: Infinity,
  });
}

/** Runs one to its end. Returns its only message; anything but code 0 is an error. */
async function run(name, options) {
  const child = start(name, options);
  const message = child.next();
  message.catch(() => {});
  const { code, signal, errors } = await child.ended;
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}: ${errors}`);
  return message;
}

module.exports = { run, start };
