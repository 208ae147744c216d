// The channel's steps: the listener, its callback, its clients, TLS, the command `tail`.
'use strict';

const { spawn } = require('node:child_process');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { until } = require('./step.cjs');
const { websocket } = require('./websocket.cjs');

const EVENTS = 1000;

/** Whether some events are the numbers from 0 on. @param {string[]} events */
const inOrder = (events) =>
  events.every((text, at) => text === JSON.stringify({ type: 'smoke:number', payload: `${at}` }));

/** @type {import('./step.cjs').Step[]} */
const STEPS = [
  {
    name: 'listener',
    async run({ check, kept, loopwire }) {
      kept.token = loopwire.generateToken();
      kept.heard = [];
      kept.listener = loopwire.startEventListener(0, kept.token, (/** @type {Buffer} */ data) =>
        kept.heard.push(data.toString()),
      );
      check(kept.listener.port > 0, 'it has no port');
      return `port ${kept.listener.port}`;
    },
  },
  {
    name: 'event to the callback',
    async run({ check, kept, loopwire }) {
      loopwire.emit('smoke:event', { percent: 40 });
      await until(() => kept.heard.length > 0);
      const { type, data, timestamp } = JSON.parse(kept.heard.shift());
      check(type === 'smoke:event' && data.percent === 40 && timestamp, 'it is another event');
    },
  },
  {
    name: '1,000 events in order',
    async run({ check, kept, loopwire }) {
      const { port } = kept.listener;
      /** @type {string[]} */
      const received = [];
      const socket = net.connect(port, '127.0.0.1');
      const hear = (/** @type {string} */ text) => received.push(text);
      const client = await websocket(socket, `/ws/${kept.token}`, hear);
      kept.heard.length = 0;
      for (let number = 0; number < EVENTS; number += 1) {
        if (!loopwire.emit('smoke:number', String(number))) await loopwire.drained();
      }
      await until(() => received.length >= EVENTS && kept.heard.length >= EVENTS);
      check(inOrder(received), 'the client got them in another order');
      check(inOrder(kept.heard), 'the callback got them in another order');
      await client.close();
      return 'to a WebSocket client and to the callback';
    },
  },
  {
    name: 'wrong token',
    async run({ check, kept }) {
      const socket = net.connect(kept.listener.port, '127.0.0.1');
      const refused = await websocket(socket, '/ws/wrong', () => {}).catch((error) => error);
      check(/ 401 /.test(refused.message), `it was not refused with 401: ${refused.message}`);
      socket.destroy();
    },
  },
  {
    name: 'command tail',
    async run({ check, folder, kept, node }) {
      const bin = path.join(folder, 'bin', 'loopwire.js');
      const args = [bin, 'tail', `ws://127.0.0.1:${kept.listener.port}`, '--count', '1'];
      // Also what was published before it has connected: nobody waits for it here.
      const child = spawn(node, [...args, '--replay'], {
        env: { ...process.env, LOOPWIRE_TOKEN: kept.token },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const said = { stdout: '', stderr: '' };
      child.stdout.on('data', (text) => (said.stdout += text));
      child.stderr.on('data', (text) => (said.stderr += text));
      const code = await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      check(code === 0, `it ended with ${code}: ${said.stderr.trim()}`);
      check(said.stdout.includes('smoke:'), `it has printed: ${said.stdout.trim()}`);
    },
  },
  {
    name: 'TLS',
    async run({ check, loopwire }) {
      const token = loopwire.generateToken();
      const listener = loopwire.startEventListener(0, token, () => {}, { tls: 'self-signed' });
      const socket = tls.connect({
        port: listener.port,
        host: '127.0.0.1',
        ca: listener.certificate,
      });
      await new Promise((resolve, reject) =>
        socket.once('secureConnect', resolve).once('error', reject),
      );
      /** @type {string[]} */
      const received = [];
      const client = await websocket(socket, `/ws/${token}`, (text) => received.push(text));
      loopwire.emit('smoke:tls', 'hello');
      await until(() => received.length > 0);
      check(received[0].includes('smoke:tls'), 'it is another event');
      const version = socket.getProtocol();
      await client.close();
      await listener.close();
      return `${version}`;
    },
  },
];

module.exports = { STEPS };
