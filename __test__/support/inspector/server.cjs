// Serves the inspector's built files before a listener, with the headers that the listener gives them. Everything else goes on to the
// listener, so that page and listener have one origin.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { once } = require('node:events');

const built = path.resolve(__dirname, '../../../crates/channel/assets/inspector');
const FILES = {
  '/inspect': ['inspector.html.gz', 'text/html; charset=utf-8'],
  '/inspect/inspector.js': ['inspector.js.gz', 'text/javascript; charset=utf-8'],
  '/inspect/inspector.css': ['inspector.css.gz', 'text/css; charset=utf-8'],
  '/inspect/terminal.js': ['terminal.js.gz', 'text/javascript; charset=utf-8'],
};

/** @param {string} host the page's own */
const policy = (host) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

class InspectorServer {
  /** The listener's port. */
  target = 0;
  #http;
  #sockets = new Set();

  static async start() {
    const server = new InspectorServer();
    server.#http = http.createServer((request, response) => server.#answer(request, response));
    server.#http.on('upgrade', (request, socket, head) => server.#upgrade(request, socket, head));
    await once(server.#http.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  get origin() {
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  /** Breaks all connections that are open. */
  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** As if the page were the listener's own: it will be. */
  #asOwn({ headers }) {
    const host = `127.0.0.1:${this.target}`;
    return headers.origin ? { host, origin: `http://${host}` } : { host };
  }

  #answer(request, response) {
    const [file, type] = FILES[request.url] ?? [];
    if (file) {
      response.writeHead(200, {
        'content-type': type,
        'content-encoding': 'gzip',
        'content-security-policy': policy(request.headers.host),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      return response.end(fs.readFileSync(path.join(built, file)));
    }
    const { method, url } = request;
    const headers = { ...request.headers, ...this.#asOwn(request) };
    const on = http.request(
      { host: '127.0.0.1', port: this.target, method, path: url, headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      },
    );
    on.on('error', () => request.socket.destroy());
    return request.pipe(on);
  }

  #upgrade(request, socket, head) {
    const on = net.connect(this.target, '127.0.0.1', () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      const headers = { ...request.headers, ...this.#asOwn(request) };
      for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
      on.write(`${lines.join('\r\n')}\r\n\r\n`);
      on.write(head);
      on.pipe(socket).pipe(on);
    });
    for (const [one, other] of [
      [socket, on],
      [on, socket],
    ]) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}

module.exports = { InspectorServer };
