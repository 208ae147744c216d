// Clients of a local port, with or without credentials, in three kinds of requests; and an origin that records
// the requests that reach it.
'use strict';

const http = require('node:http');
const net = require('node:net');
const { Stoppable, take } = require('../../../examples/demo/server.cjs');

/** The value of a Basic header (RFC 7617). @param {{username: string, password: string}} pair */
const basic = ({ username, password }) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** One HTTP request to a local port: status, headers and, of a CONNECT that works, the socket. */
function ask(port, method, path, headers) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: false };
    const request = http.request(options);
    request.on('error', reject);
    request.on('connect', ({ statusCode: status, headers: answered }, socket) => {
      resolve({ status, headers: answered, socket });
    });
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part) => (body += part));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    });
    request.end();
  });
}

const shown = (pair) => (pair ? { 'proxy-authorization': basic(pair) } : {});

/** A plain request in absolute form. */
const absolute = (port, url, pair) =>
  ask(port, 'GET', url, { host: new URL(url).host, ...shown(pair) });

/** A request through a tunnel: the tunnel's answer, or what came through it. */
async function tunnel(port, url, pair) {
  const { host, pathname } = new URL(url);
  const answer = await ask(port, 'CONNECT', host, { host, ...shown(pair) });
  if (answer.status !== 200) {
    answer.socket.destroy();
    return answer;
  }
  return fetched(answer.socket, host, pathname);
}

function fetched(socket, host, path) {
  return new Promise((resolve, reject) => {
    const options = { createConnection: () => socket, path, headers: { host } };
    const request = http.request(options, (response) => {
      response.resume().on('end', () => {
        socket.destroy();
        resolve({ status: response.statusCode, headers: response.headers });
      });
    });
    request.on('error', reject).end();
  });
}

/** The same by SOCKS5; a refusal is a status that no HTTP has: `method 255`, `auth 1`, `reply 5`. */
async function socks(port, url, pair) {
  const { hostname, port: target, host, pathname } = new URL(url);
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  try {
    // Without a pair it offers no authentication alone, as browsers do.
    socket.write(Buffer.from(pair ? [5, 2, 0, 2] : [5, 1, 0]));
    const [, method] = await take(socket, 2);
    if (method === 255) return { status: 'method 255' };
    if (method === 2) {
      const texts = [pair.username, pair.password].map((text) => Buffer.from(text));
      const parts = texts.flatMap((text) => [Buffer.from([text.length]), text]);
      socket.write(Buffer.concat([Buffer.from([1]), ...parts]));
      const [version, status] = await take(socket, 2);
      if (status !== 0) {
        // RFC 1929: the server closes.
        await new Promise((resolve) => socket.resume().on('end', resolve));
        return { status: `auth ${status}`, version };
      }
    }
    const name = Buffer.from(hostname);
    const ends = Buffer.alloc(2);
    ends.writeUInt16BE(Number(target));
    socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, ends]));
    const reply = await take(socket, 10);
    if (reply[1] !== 0) return { status: `reply ${reply[1]}` };
    return await fetched(socket, host, pathname);
  } finally {
    socket.destroy();
  }
}

/** `[name, send(port, url, pair?), status without credentials, status with wrong ones]` */
const REQUESTS = [
  ['absolute form', absolute, 407, 407],
  ['CONNECT', tunnel, 407, 407],
  ['SOCKS5', socks, 'method 255', 'auth 1'],
];

/** A web server, or an HTTP proxy that answers all requests itself, with the heads of what it was asked. */
function recorder() {
  const heads = [];
  const server = new Stoppable(0, () => {
    const made = http.createServer((request, response) => {
      heads.push([`${request.method} ${request.url}`, ...request.rawHeaders].join('\n'));
      response.end('recorded');
    });
    return made.on('connect', (request, socket) => {
      heads.push([`CONNECT ${request.url}`, ...request.rawHeaders].join('\n'));
      // From here on it is the origin itself.
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      made.emit('connection', socket);
    });
  });
  return Object.assign(server, { heads });
}

module.exports = { REQUESTS, basic, recorder };
