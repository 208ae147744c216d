// A program with a listener at a given port and token; a line on its standard input publishes so many events.
'use strict';

const readline = require('node:readline');
const { setImmediate } = require('node:timers/promises');
const loopwire = require('../../..');

const [port, token] = process.argv.slice(2);
const listener = loopwire.startEventListener(Number(port), token, () => {});
console.log(JSON.stringify({ port: listener.port }));

let next = 1;
readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  for (const last = next + Number(line); next < last; next += 1) {
    // Its own callback falls behind while this goes on: let it catch up.
    if (!loopwire.emit('my:number', String(next))) await setImmediate();
  }
  console.log(JSON.stringify({ published: next - 1 }));
});
