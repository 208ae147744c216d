// A web server with a body of each kind, for clients of a forwarded port.
'use strict';

const crypto = require('node:crypto');
const http = require('node:http');
const { WebSocketServer } = require('ws');
const { Stoppable } = require('../../../examples/demo/server.cjs');

/** Many reads and writes of everybody on the way, and still quick. */
const BODY = crypto.randomBytes(5 << 20);
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
const ETAG = '"as it was"';

const ROUTES = {
  'GET /small': (_, response) => response.end('hello'),
  'GET /download': (_, response) => response.end(BODY),
  'GET /chunked': (_, response) => {
    for (const piece of ['one, ', 'two, ', 'three']) response.write(piece);
    response.end();
  },
  'HEAD /head': (_, response) => response.writeHead(200, { 'content-length': 12_345 }).end(),
  'GET /cached': (request, response) => {
    const known = request.headers['if-none-match'] === ETAG;
    response.writeHead(known ? 304 : 200, { etag: ETAG }).end(known ? undefined : 'new');
  },
  'POST /upload': (request, response) => {
    const hash = crypto.createHash('sha256');
    request.on('data', (bytes) => hash.update(bytes));
    request.on('end', () => response.end(hash.digest('hex')));
  },
};

/** What somebody reports who has asked for everything, and has talked over a WebSocket if it `talks`. */
const SEEN = {
  small: 'hello',
  download: sha256(BODY),
  chunked: 'one, two, three',
  head: '200 12345',
  cached: 304,
  upload: sha256(BODY),
  socket: 'you said hi',
};

function web() {
  return new Stoppable(0, () => {
    const server = http.createServer((request, response) => {
      const route = ROUTES[`${request.method} ${request.url}`];
      if (route) route(request, response);
      else response.writeHead(404).end();
    });
    const sockets = new WebSocketServer({ server, path: '/socket' });
    sockets.on('connection', (socket) => {
      socket.on('message', (text) => socket.send(`you said ${text}`));
    });
    return server;
  });
}

module.exports = { ETAG, SEEN, sha256, web };
