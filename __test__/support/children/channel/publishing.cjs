// A program with a listener; a line on its standard input publishes so many
// events, padded to so many characters.
'use strict';

const readline = require('node:readline');
const { setImmediate } = require('node:timers/promises');
const loopwire = require('../../../..');

const [token, ...allowedHosts] = process.argv.slice(2);
const listener = loopwire.startEventListener(0, token, () => {}, { allowedHosts });
console.log(JSON.stringify({ port: listener.port }));

let next = 1;
readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const [count, width = 0] = line.split(' ').map(Number);
  for (const last = next + count; next < last; next += 1) {
    // Its own callback falls behind while this goes on: let it catch up.
    if (!loopwire.emit('my:number', String(next).padEnd(width))) await setImmediate();
  }
  console.log(JSON.stringify({ published: next - 1 }));
});
