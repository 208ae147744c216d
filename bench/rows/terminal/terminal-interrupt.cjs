// Row: how long Ctrl+C takes while a command puts out all it can.
'use strict';
const { setTimeout: delay } = require('node:timers/promises');
const { Client, serve } = require('../../lib/terminal/client.cjs');
const { percentile } = require('../../lib/stats.cjs');

const TIMES = 20;
/** Long enough for all buffers on the way to be full. */
const FLOOD_MS = 200;

async function measure(name, { of }) {
  const server = await serve(name);
  const times = [];
  for (let at = 0; at < of(TIMES); at++) {
    const client = await Client.connect(server.port);
    const id = `flood-${at}`;
    const exit = client.run(id, 'yes', { pty: true });
    await delay(FLOOD_MS);
    const start = process.hrtime.bigint();
    client.say('terminal:input', { id, input: '\x03' });
    await exit;
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    // The peers' server ends with its client.
    if (name === 'loopwire') client.close();
    else break;
  }
  server.stop();
  return { p50: percentile(times, 0.5), worst: Math.max(...times) };
}

const subject = (title, name) => ({
  title,
  loopwire: name === 'loopwire' ? 'shipped' : undefined,
  run: (options) => measure(name, options),
});

module.exports = {
  name: 'terminal-interrupt',
  title: 'from Ctrl+C under `yes` to the exit at the client, behind all that was put out before',
  base: 'node-pty',
  columns: [
    { key: 'p50', title: 'p50 ms' },
    { key: 'worst', title: 'worst ms' },
  ],
  subjects: {
    'node-pty': subject('node-pty + ws', 'node-pty'),
    loopwire: subject('Loopwire', 'loopwire'),
  },
  goals: [{ of: 'loopwire', key: 'worst', atMost: 200 }],
};
