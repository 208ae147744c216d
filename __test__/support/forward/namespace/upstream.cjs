// An upstream that is every target itself, and misbehaves on demand.
'use strict';

const net = require('node:net');
const { once } = require('node:events');
const { take } = require('../../../../examples/demo/server.cjs');

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const SUCCESS = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
const HOST_UNREACHABLE = [5, 4, 0, 1, 0, 0, 0, 0, 0, 0];

/** What each temper does with a connection that has said hello. */
const HTTP = {
  good: (socket, head) => socket.write(head.startsWith('CONNECT') ? established : OK),
  refuses: (socket) => socket.end('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n'),
  unreachable: (socket) => socket.end('HTTP/1.1 502 No such host\r\nContent-Length: 0\r\n\r\n'),
  midway: (socket, head) => {
    if (head.startsWith('CONNECT')) socket.write(established);
    else socket.write(OK.slice(0, -1), () => socket.resetAndDestroy());
  },
};
const established = 'HTTP/1.1 200 Connection established\r\n\r\n';

async function http(socket, temper) {
  for (;;) {
    let head = '';
    while (!head.endsWith('\r\n\r\n')) head += await take(socket, 1);
    HTTP[temper()](socket, head);
  }
}

async function socks(socket, temper) {
  const [, count] = await take(socket, 2);
  await take(socket, count);
  if (temper() === 'refuses') return socket.end(Buffer.from([5, 0xff]));
  socket.write(Buffer.from([5, 0]));
  const [, , , kind] = await take(socket, 4);
  const length = kind === 3 ? (await take(socket, 1))[0] : { 1: 4, 4: 16 }[kind];
  await take(socket, length + 2);
  if (temper() === 'unreachable') return socket.end(Buffer.from(HOST_UNREACHABLE));
  socket.write(Buffer.from(SUCCESS));
  return http(socket, temper);
}

/**
 * @param {'http' | 'socks5'} protocol
 * @param {string} host
 */
async function upstream(protocol, host) {
  let temper = 'good';
  const sockets = new Set();
  const make = () =>
    net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      if (temper === 'silent') return socket.resume();
      if (temper === 'resets') return socket.resetAndDestroy();
      if (temper === 'rubbish') return socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n');
      const serve = protocol === 'http' ? http : socks;
      return serve(socket, () => temper).catch(() => socket.destroy());
    });
  const server = make().listen(0, host);
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  return {
    host,
    port,
    /** Misbehaves from now on; `dead` is gone. @param {string} next */
    become(next) {
      temper = next;
      if (next !== 'dead') return;
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

module.exports = { upstream };
