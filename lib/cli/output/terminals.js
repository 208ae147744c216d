// The terminals of the standard streams, which may be closed while the program runs.
'use strict';

const fs = require('node:fs');
const tty = require('node:tty');

/**
 * Closes, when this process exits, the standard streams whose terminal is gone. Node gives every terminal its settings
 * back at the end and aborts (SIGABRT, exit code 134) if the system refuses that; it leaves out what is closed.
 */
function closeGoneAtExit() {
  const terminals = [0, 1, 2].filter((descriptor) => tty.isatty(descriptor));
  process.on('exit', () => {
    for (const descriptor of terminals) if (!tty.isatty(descriptor)) close(descriptor);
  });
}

function close(descriptor) {
  try {
    fs.closeSync(descriptor);
  } catch {
    // It was closed before.
  }
}

module.exports = { closeGoneAtExit };
