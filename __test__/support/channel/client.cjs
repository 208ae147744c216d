// Clients of a listener: `ws` with an inbox, plain HTTP, and listeners that close with their test.
'use strict';

const http = require('node:http');
const WebSocket = require('ws');
const { Inbox } = require('../inbox.cjs');

/** The token of a running listener, from the only place that shows it. */
const tokenOf = (listener) => new URL(listener.url).pathname.slice('/ws/'.length);

/** The ways to show the token (PROTOCOL section 1): path, headers and sub-protocols of each. */
const FORMS = {
  sdk: (token) => ({ path: `/ws/${token}` }),
  root: (token) => ({ path: `/?token=${token}` }),
  query: (token) => ({ path: `/ws?token=${token}` }),
  bearer: (token) => ({ path: '/ws', headers: { authorization: `Bearer ${token}` } }),
  protocol: (token) => ({ path: '/ws', protocols: ['loopwire.v1', `bearer.${token}`] }),
};

/** How to end, after a test, each connection that it left open. */
const endings = new Map();

/** Has a socket ended with its test. */
function opened(socket, end) {
  endings.set(socket, end);
  socket.once('close', () => endings.delete(socket));
}

/** Whether a message, of `ws` or of the raw client, is the answer to the ping of this file. */
const isPong = (message) => String(message.body ?? message).startsWith('{"type":"pong"');

/** A `ws` connection; messages, pings and the end of it can be awaited. */
class Client extends Inbox {
  /** Protocol pings as they come. */
  pings = new Inbox();

  constructor(socket) {
    super();
    this.socket = socket;
    opened(socket, () => socket.terminate());
    socket.on('message', (data, isBinary) => this.push(isBinary ? data : data.toString()));
    socket.on('ping', (data) => this.pings.push(data));
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.end(`the connection was closed: ${code} ${reason}`);
        resolve({ code, reason: reason.toString() });
      });
    });
    // A `close` follows each `error`, and that is what tests await.
    socket.on('error', () => {});
  }

  /** The next message, parsed. */
  async json() {
    return JSON.parse(await this.next());
  }

  send(data) {
    this.socket.send(
      typeof data === 'string' || Buffer.isBuffer(data) ? data : JSON.stringify(data),
    );
  }

  /** Everything said to this client before now has arrived when this resolves; gives it back. */
  async settle() {
    this.send({ type: 'ping' });
    const all = await this.until(isPong);
    return all.slice(0, -1);
  }

  close() {
    this.socket.close(1000);
    return this.closed;
  }
}

/**
 * Connects with `ws`.
 *
 * @param {any} listener
 * @param {{form?: keyof typeof FORMS, token?: string, flags?: string, headers?: object, ws?: object, early?: boolean}} [options]
 *   `flags` is the rest of the query, without its first sign: `v=1&since=0`; with `early`, the client goes
 *   on as soon as the handshake is through, when the server may still be setting it up
 */
async function connect(listener, options = {}) {
  const { form = 'sdk', token = tokenOf(listener), flags = '', headers = {} } = options;
  const way = FORMS[form](token);
  const query = flags && (way.path.includes('?') ? '&' : '?') + flags;
  const url = `ws://127.0.0.1:${listener.port}${way.path}${query}`;
  const socket = new WebSocket(url, way.protocols ?? [], {
    headers: { ...way.headers, ...headers },
    ...options.ws,
  });
  const client = new Client(socket);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  if (!options.early) {
    client.send({ type: 'ping' });
    await client.pass(isPong);
  }
  return client;
}

/** One HTTP request on a connection of its own. */
function request(listener, method, path, { headers = {}, body, token } = {}) {
  if (token) headers = { authorization: `Bearer ${token}`, ...headers };
  return new Promise((resolve, reject) => {
    const call = http.request(
      { host: '127.0.0.1', port: listener.port, method, path, headers, agent: false },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece) => (text += piece));
        answer.on('end', () =>
          resolve({ status: answer.statusCode, headers: answer.headers, text }),
        );
      },
    );
    call.on('error', reject).end(body);
  });
}

/**
 * Listeners that end with their test: `start(options)` gives one on a free port whose callback fills
 * `listener.events`.
 *
 * @param {any} loopwire
 */
function listeners(loopwire) {
  afterEach(async () => {
    for (const end of endings.values()) end();
    await loopwire.shutdown();
  });
  return function start(options, token = loopwire.generateToken()) {
    const events = new Inbox();
    const keep = (data) => events.push(Buffer.isBuffer(data) ? data.toString() : data);
    return Object.assign(loopwire.startEventListener(0, token, keep, options), { events });
  };
}

module.exports = { Client, connect, isPong, listeners, opened, request, tokenOf };
