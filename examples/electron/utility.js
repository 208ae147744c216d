// A utility process with a listener of its own, and the events of a workspace: the main process stays free.
'use strict';

const loopwire = require('loopwire');

const token = loopwire.generateToken();
const listener = loopwire.startEventListener(0, token, () => {}, {
  allowedOrigins: ['app://my-app'],
});

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window: the main process alone gets it
process.parentPort.postMessage({ url: `ws://127.0.0.1:${listener.port}`, token });
setInterval(() => loopwire.emit('utility:tick', { pid: process.pid }), 1_000);
