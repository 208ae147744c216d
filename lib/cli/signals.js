// Signals: the first one stops everything in order, the second one at once.
'use strict';

const os = require('node:os');

/** On Windows Ctrl+Break is one, closing the console is SIGHUP, and nobody can send SIGTERM: it ends a process at once. */
const MORE = process.platform === 'win32' ? ['SIGBREAK'] : [];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', ...MORE];

/** Calls `stop` at the first signal; the next one ends the process with a shell's exit code for it. */
function onStop(stop) {
  let stopping = false;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (stopping) process.exit(128 + os.constants.signals[name]);
      stopping = true;
      stop(name);
    });
  }
}

module.exports = { onStop };
