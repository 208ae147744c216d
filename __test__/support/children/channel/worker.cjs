// What runs in a Worker: a listener under load from native threads, or, for comparison, nothing of ours.
'use strict';

const { parentPort: parent, workerData } = require('node:worker_threads');

const say = (message) => parent.postMessage(message, []);

const { mode, token } = workerData;
// Whatever becomes of the listener, the Worker goes on until it is ended.
setInterval(() => {}, 1_000);
if (mode === 'bare') {
  say({ port: 0 });
} else {
  const { loopwire, native } = require('../../harness.cjs');
  let heard = 0;
  const listener = loopwire.startEventListener(0, token, () => {
    heard += 1;
    if (heard === 3_000) say({ port: listener.port });
    // It ends by itself, with the listener open and in the middle of everything.
    if (heard === 5_000 && mode === 'exit') process.exit(3);
    if (heard === 5_000 && mode === 'throw') throw new Error('of the application');
    if (heard === 5_000 && mode === 'close') listener.close();
    if (heard === 5_000 && mode === 'shutdown') loopwire.shutdown();
  });
  native.harness.publish({ threads: 2, count: mode === 'few' ? 5_000 : 2 ** 31 });
}
