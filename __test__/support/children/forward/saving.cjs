// Forwards and removes ports without end, and prints the saved ports each time, until it is killed.
'use strict';

const { loopwire } = require('../../harness.cjs');

const [dir, start, count] = process.argv.slice(2);
const first = Number(start);
const say = (message) => console.log(JSON.stringify(message));

async function work() {
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', first, Number(count));
  const rc = loopwire.setSaveDataPath(dir);
  say({ rc, error: loopwire.sdkGetLastError(), pid: process.pid });
  if (rc !== 0) return;
  // What an earlier life has left there goes first.
  for (let at = 0; at < Number(count); at += 1) loopwire.removePort(first + at);
  const saved = [];
  for (let turn = 0; ; turn += 1) {
    // Each removal is on the disk when the forward behind it is acknowledged: they are saved in their order.
    if (saved.length > 2) loopwire.removePort(saved.shift());
    const port = first + (turn % Number(count));
    await loopwire.forward({ port, upstream: 'direct:' });
    saved.push(port);
    say(saved);
  }
}

void work();
