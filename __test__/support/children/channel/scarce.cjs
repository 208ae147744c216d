// A listener in a process that runs out of descriptors, and gets them back on demand.
'use strict';

const fs = require('node:fs');
const { loopwire, native } = require('../../harness.cjs');

const token = 'a-token-that-nobody-guesses';
const listener = loopwire.startEventListener(0, token, () => {}, { maxConnections: 4_096 });
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
let taken = [];

process.stdin.setEncoding('utf8').on('data', (text) => {
  for (const line of text.trim().split('\n')) {
    if (line === 'take') {
      try {
        for (;;) taken.push(fs.openSync('/dev/null'));
      } catch (error) {
        tell({ code: error.code, cpu: native.harness.cpu().processMs });
      }
    } else if (line === 'give') {
      for (const fd of taken) fs.closeSync(fd);
      taken = [];
      tell({ cpu: native.harness.cpu().processMs });
    } else {
      process.exit(0);
    }
  }
});
tell({ port: listener.port, token });
