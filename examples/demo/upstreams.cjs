// Two small upstream proxies, HTTP and SOCKS5, and a web server for them to fetch from.
'use strict';

const http = require('node:http');
const net = require('node:net');
const { pipeline } = require('node:stream');
const { Stoppable, take } = require('./server.cjs');

/** @typedef {{username: string, password: string}} Credentials */
/** @typedef {{port?: number, credentials?: Credentials, hosts?: Record<string, string>}} Options */

/** What the upstreams are asked for. Says who asked, so that no answer can be mistaken for another. */
function origin({ port = 0 } = {}) {
  return new Stoppable(port, (self) =>
    http.createServer((request, response) => {
      self.asked.push(`${request.method} ${request.url}`);
      response.end(`hello from ${request.headers.host}${request.url}`);
    }),
  );
}

/**
 * An HTTP proxy: CONNECT, and plain requests in absolute-form. `hosts` are names that it alone can resolve.
 *
 * @param {Options} [options]
 */
function httpUpstream({ port = 0, credentials, hosts = {} } = {}) {
  const pair = `${credentials?.username}:${credentials?.password}`;
  const wanted = credentials && `Basic ${Buffer.from(pair).toString('base64')}`;
  const admitted = (/** @type {http.IncomingMessage} */ request) =>
    !wanted || request.headers['proxy-authorization'] === wanted;

  return new Stoppable(port, (self) => {
    const server = http.createServer((request, response) => {
      if (!admitted(request)) {
        response.writeHead(407, { 'proxy-authenticate': 'Basic realm="upstream"' }).end();
        return;
      }
      const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : null;
      if (!url) {
        response.writeHead(400).end();
        return;
      }
      self.asked.push(`${request.method} ${url}`);
      const { 'proxy-authorization': _, ...headers } = request.headers;
      const onward = http.request({
        host: hosts[url.hostname] ?? url.hostname,
        port: url.port || 80,
        path: url.pathname + url.search,
        method: request.method,
        headers,
        agent: false,
      });
      onward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        pipeline(answer, response, () => {});
      });
      onward.on('error', () => response.headersSent || response.writeHead(502).end());
      pipeline(request, onward, () => {});
    });
    server.on('connect', (request, socket, head) => {
      if (!admitted(request)) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      const { hostname, port } = new URL(`connect://${request.url}`);
      // The engine's check asks for this proxy itself: that is no traffic.
      if (Number(port) !== self.port) self.asked.push(`CONNECT ${request.url}`);
      const onward = net.connect(Number(port), hosts[hostname] ?? hostname.replace(/[[\]]/g, ''));
      self.keep(onward);
      onward.once('connect', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.write(head);
        pipeline(socket, onward, socket, () => {});
      });
      onward.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    });
    return server;
  });
}

/**
 * A SOCKS5 proxy (RFC 1928, with RFC 1929 if there are credentials).
 *
 * @param {Options} [options]
 */
function socksUpstream({ port = 0, credentials, hosts = {} } = {}) {
  /** @param {InstanceType<typeof Stoppable>} self @param {net.Socket} socket */
  async function serve(self, socket) {
    const methods = await take(socket, (await take(socket, 2))[1]);
    const method = credentials ? 2 : 0;
    if (!methods.includes(method)) return socket.end(Buffer.from([5, 0xff]));
    socket.write(Buffer.from([5, method]));
    if (credentials) {
      const username = String(await take(socket, (await take(socket, 2))[1]));
      const password = String(await take(socket, (await take(socket, 1))[0]));
      const known = username === credentials.username && password === credentials.password;
      socket.write(Buffer.from([1, known ? 0 : 1]));
      if (!known) return socket.end();
    }
    const kind = (await take(socket, 4))[3];
    const name = kind === 3 ? String(await take(socket, (await take(socket, 1))[0])) : null;
    const host = name ?? (await take(socket, kind === 4 ? 16 : 4)).join('.');
    const port = (await take(socket, 2)).readUInt16BE();
    self.asked.push(`SOCKS5 ${host}:${port}`);
    if (kind === 4) return socket.end(Buffer.from([5, 8, 0, 1, 0, 0, 0, 0, 0, 0]));
    const onward = net.connect(port, hosts[host] ?? host);
    self.keep(onward);
    onward.once('connect', () => {
      socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      pipeline(socket, onward, socket, () => {});
    });
    onward.once('error', () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
  }
  return new Stoppable(port, (self) =>
    net.createServer((socket) => {
      serve(self, socket).catch(() => socket.destroy());
    }),
  );
}

module.exports = { httpUpstream, origin, socksUpstream };
