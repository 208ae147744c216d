// Sockets that behave as no library does: they vanish, send nothing, or never read.
'use strict';

const crypto = require('node:crypto');
const { once } = require('node:events');
const net = require('node:net');

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The head of a good handshake. */
function handshake(port, target, headers = '') {
  const key = crypto.randomBytes(16).toString('base64');
  const head =
    `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
    `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${headers}\r\n`;
  return {
    head,
    accept: crypto
      .createHash('sha1')
      .update(key + GUID)
      .digest('base64'),
  };
}

/** A connected TCP socket. Errors are part of the tests; who cares for one listens for it. */
async function dial(port, options) {
  const socket = net.connect({ port, host: '127.0.0.1', ...options });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** A WebSocket that is open and of which nothing more is read. */
async function upgraded(port, target) {
  const socket = await dial(port);
  const { head, accept } = handshake(port, target);
  socket.write(head);
  const [answer] = await once(socket, 'data');
  socket.pause();
  const text = answer.toString('latin1');
  if (!text.includes(accept)) throw new Error(`no handshake: ${text.slice(0, 80)}`);
  return socket;
}

/** A port that is free at the moment. */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

module.exports = { dial, freePort, handshake, upgraded };
