// A utility process with a listener of its own: the main process stays free.
'use strict';

const loopwire = require('loopwire');

process.parentPort.on('message', async ({ data }) => {
  if (data.end) {
    await loopwire.shutdown();
    process.exit();
  }
  const listener = loopwire.startEventListener(data.port, data.token, () => {}, {
    allowedOrigins: ['app://my-app'],
  });
  process.parentPort.postMessage({ port: listener.port });
  setInterval(() => loopwire.emit('utility:tick', { pid: process.pid }), 1_000);
});
