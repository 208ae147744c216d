// The main process of the tests' application: runs what the test sends, in a Node that is 12.
'use strict';

const electron = require('electron');
const loopwire = require('loopwire');

/** What one function of a test leaves for the next. */
const state = { told: [] };
const given = { electron, loopwire, state, require };

// Electron would show it in a dialog, and wait for a click.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${(error && error.stack) || error}\n`);
  electron.app.exit(70);
});

process.on('message', async ({ id, code, args }) => {
  try {
    // oxlint-disable-next-line no-eval -- the test's own functions
    const run = eval(code);
    process.send({ id, value: await run(given, ...args) });
  } catch (error) {
    process.send({ id, error: `${(error && error.stack) || error}` });
  }
});

electron.protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

electron.app.once('ready', () => {
  electron.protocol.registerFileProtocol('app', ({ url }, answer) => {
    answer({ path: `${__dirname}${new URL(url).pathname}` });
  });
  process.send({ ready: { versions: { ...process.versions }, folder: __dirname } });
});
