// `process.parentPort` of a utility process, in a process made with `fork`.
'use strict';

process.parentPort = {
  postMessage: (message) => process.send(message),
  on: (name, listener) => process.on(name, (data) => listener({ data })),
};

// A utility process does not outlive the main process.
process.once('disconnect', () => process.exit());
