// Row: short commands, one after the other and eight at a time.
'use strict';
const { Client, serve } = require('../../lib/terminal/client.cjs');

const COMMANDS = 1_000;
const AT_A_TIME = 8;

function many(client, count, width, pty) {
  return new Promise((resolve, reject) => {
    let [begun, ended] = [0, 0];
    const begin = () => {
      client.say('terminal:execute', { command: 'echo hi', id: `c${begun}`, pty });
      begun += 1;
    };
    client.onMessage = (text) => {
      if (text.startsWith('{"type":"error"')) reject(new Error(`Error: ${text}`));
      if (!text.startsWith('{"type":"terminal:exit"')) return;
      ended += 1;
      if (begun < count) begin();
      if (ended === count) resolve();
    };
    for (let at = 0; at < width; at++) begin();
  });
}

async function measure(name, pty, { of }) {
  const figures = {};
  for (const [key, width] of [
    ['alone', 1],
    ['together', AT_A_TIME],
  ]) {
    const server = await serve(name);
    const client = await Client.connect(server.port);
    const count = of(COMMANDS);
    const start = process.hrtime.bigint();
    await many(client, count, width, pty);
    figures[key] = count / (Number(process.hrtime.bigint() - start) / 1e9);
    server.stop();
  }
  return figures;
}

const subject = (title, name, pty) => ({
  title,
  loopwire: name === 'loopwire' ? 'shipped' : undefined,
  run: (options) => measure(name, pty, options),
});

module.exports = {
  name: 'terminal-commands',
  title: '`echo hi` to its exit at the client',
  base: 'node-pty',
  columns: [
    { key: 'alone', title: 'a second, one at a time' },
    { key: 'together', title: `a second, ${AT_A_TIME} at a time` },
  ],
  subjects: {
    'node-pty': subject('node-pty + ws', 'node-pty', true),
    'loopwire-pty': subject('Loopwire, PTY', 'loopwire', true),
    spawn: subject('child_process + ws', 'spawn', false),
    'loopwire-pipes': subject('Loopwire, pipes', 'loopwire', false),
  },
};
