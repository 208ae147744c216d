// Upstream proxies for the smoke test, which count what went through them, and the server behind them.
'use strict';

const http = require('node:http');
const net = require('node:net');

/** What the server behind the upstreams answers. */
const ANSWER = 'the answer of the origin';

/** Listens on a free port of the loopback interface. @param {net.Server} server @returns {Promise<number>} */
function listen(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve(/** @type {net.AddressInfo} */ (server.address()).port),
    );
  });
}

/** Connects two ends; an error of one ends the other. @param {import('node:stream').Duplex} one @param {import('node:stream').Duplex} other */
function join(one, other) {
  one.pipe(other).pipe(one);
  one.on('error', () => other.destroy());
  other.on('error', () => one.destroy());
}

/** The server that clients want to reach. */
async function origin() {
  const server = http.createServer((_, response) => response.end(ANSWER));
  return {
    port: await listen(server),
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

/** An HTTP proxy: CONNECT, and requests in the absolute form. */
async function httpProxy() {
  let count = 0;
  const server = http.createServer((request, response) => {
    count += 1;
    const { method, headers } = request;
    const onward = http.request(request.url ?? '', { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    count += 1;
    const [host, port] = (request.url ?? '').split(':');
    const onward = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      join(socket, onward);
    });
    onward.on('error', () => socket.destroy());
  });
  return { port: await listen(server), count: () => count, close: () => server.close() };
}

/** The place that a SOCKS5 request names: an IPv4 address or a name, and its port. @param {Buffer} bytes */
function place(bytes) {
  const named = bytes[3] === 3;
  const end = named ? 5 + bytes[4] : 8;
  const host = named ? bytes.subarray(5, end).toString() : bytes.subarray(4, 8).join('.');
  return { host, port: bytes.readUInt16BE(end) };
}

/** A SOCKS5 proxy without credentials. Each message comes in one piece here: both ends are on this machine. */
async function socksProxy() {
  let count = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request) => {
        count += 1;
        const { host, port } = place(request);
        const onward = net.connect(port, host, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          join(socket, onward);
        });
        onward.on('error', () => socket.destroy());
      });
    });
  });
  return { port: await listen(server), count: () => count, close: () => server.close() };
}

module.exports = { ANSWER, httpProxy, origin, socksProxy };
