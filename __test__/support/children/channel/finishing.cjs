// What keeps a process alive: an open listener, unless the argument says otherwise.
'use strict';

const { loopwire } = require('../../harness.cjs');

const listener = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
const ways = {
  close: () => listener.close(),
  unref: () => listener.unref(),
  shutdown: () => loopwire.shutdown(),
  stop: () => loopwire.stopCommunicate(),
  exception() {
    throw new Error('of the application');
  },
  stay() {},
};
console.log(JSON.stringify({ port: listener.port }));
// Late enough to tell an end of its own from one that was asked for.
setTimeout(ways[process.argv[2]], 20);
