// The server: who may ask, what is answered, and for tests what was asked and what is answered instead.
'use strict';

const { createHash, timingSafeEqual } = require('node:crypto');
const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const https = require('node:https');
const { setTimeout: sleep } = require('node:timers/promises');
const { read, select } = require('./list.cjs');

/**
 * @typedef {object} Options
 * @property {string | import('./list.cjs').Proxy[]} list a file, or the proxies themselves
 * @property {number} [port] 0, any free one
 * @property {string} [host] 127.0.0.1
 * @property {string} [key] what `?api-key=` or `X-Api-Key` must say; anybody may ask if it is left out
 * @property {string} [base] what stands before `/proxies`, as `/sdk/v1`
 * @property {{key: string | Buffer, cert: string | Buffer}} [tls] HTTPS with this certificate (PEM)
 */

/**
 * What to answer instead of the truth. `body` that is no string goes out as JSON.
 *
 * @typedef {object} Script
 * @property {number} [status] 200
 * @property {Record<string, string>} [headers]
 * @property {unknown} [body]
 * @property {number} [delayMs] how long to wait before the answer, the true one if nothing else is given
 * @property {boolean} [hang] no answer at all
 * @property {boolean} [destroy] the connection ends instead
 */

/** @typedef {{method: string, path: string, query: Record<string, string>, headers: http.IncomingHttpHeaders}} Asked */

/** A refusal. @param {number} status @param {string} message */
const no = (status, message) => ({ status, body: { message } });
const digest = (/** @type {string} */ text) => createHash('sha256').update(text).digest();

class Provider {
  /** All that was asked, in order. @type {Asked[]} */
  requests = [];
  /** @type {Options['list']} */
  list;
  /** @type {string | undefined} */
  key;
  #options;
  #server;
  /** @type {Script[]} */
  #scripts = [];
  #asked = new EventEmitter();
  #stopped = new AbortController();

  /** @param {Options} options */
  constructor(options) {
    this.#options = { port: 0, host: '127.0.0.1', ...options };
    this.#options.base = (options.base ?? '').replace(/\/+$/, '');
    this.list = options.list;
    this.key = options.key;
    const { tls } = options;
    this.#server = tls ? https.createServer(tls) : http.createServer();
    this.#server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** What `setAPIHost` takes. */
  get url() {
    const { host = '', base, tls } = this.#options;
    const name = host.includes(':') ? `[${host}]` : host;
    return `${tls ? 'https' : 'http'}://${name}:${this.port}${base}`;
  }

  get port() {
    const address = this.#server.address();
    if (!address || typeof address === 'string') throw new Error('the provider does not listen');
    return address.port;
  }

  /** Listens; rejects if it cannot. */
  async start() {
    this.#server.listen(this.#options.port, this.#options.host);
    await once(this.#server, 'listening');
  }

  /** Ends it, and all that is under way. */
  async stop() {
    this.#stopped.abort();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** What the next requests get, one each. Others get the truth. @param {...Script} scripts */
  say(...scripts) {
    this.#scripts.push(...scripts);
  }

  /** Resolves when so many requests have come. @param {number} count */
  async until(count) {
    while (this.requests.length < count) {
      await once(this.#asked, 'request', { signal: this.#stopped.signal });
    }
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  async #serve(request, response) {
    request.resume();
    const url = new URL(request.url ?? '/', 'http://provider');
    const { method = '', headers } = request;
    const query = Object.fromEntries(url.searchParams);
    // Settled before anybody is told: what a test says next is for the next request.
    const script = this.#scripts.shift();
    this.requests.push({ method, path: url.pathname, query, headers });
    this.#asked.emit('request');

    if (script?.hang) return;
    if (script?.destroy) {
      response.destroy();
      return;
    }
    if (script?.delayMs) await sleep(script.delayMs, undefined, this.#stopped);
    const scripted = script?.status !== undefined || script?.body !== undefined;
    const { status, body } = scripted
      ? { status: script.status ?? 200, body: script.body ?? '' }
      : await this.#truth(method, url, headers);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...script?.headers });
    response.end(text);
  }

  /** @param {string} method @param {URL} url @param {http.IncomingHttpHeaders} headers */
  async #truth(method, url, headers) {
    if (!this.#admits(url.searchParams.get('api-key') ?? headers['x-api-key'])) {
      return no(401, 'UNAUTHORIZED');
    }
    const start = `${this.#options.base}/proxies`;
    const { pathname } = url;
    if (pathname !== start && !pathname.startsWith(`${start}/`)) return no(404, 'NOT_FOUND');
    if (method !== 'GET') return no(405, 'METHOD_NOT_ALLOWED');
    const proxies = await read(this.list).catch(() => null);
    if (!proxies) return no(503, 'LIST_UNREADABLE');
    if (pathname === start) {
      const found = select(proxies, url.searchParams);
      return found ? { status: 200, body: found } : no(400, 'VALIDATE_FAILED');
    }
    const id = decoded(pathname.slice(start.length + 1));
    if (id === null) return no(400, 'VALIDATE_FAILED');
    const proxy = proxies.find((one) => one.id === id);
    return proxy ? { status: 200, body: proxy } : no(404, 'NOT_FOUND');
  }

  /** In a time that tells nothing about the key. @param {unknown} given */
  #admits(given) {
    if (this.key === undefined) return true;
    return timingSafeEqual(digest(this.key), digest(String(given)));
  }
}

/** @param {string} segment */
function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

module.exports = { Provider };
