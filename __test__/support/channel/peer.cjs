// A WebSocket client for tests: the `ws` package, whose messages and end can be awaited.
'use strict';

const { once } = require('node:events');
const WebSocket = require('ws');

/** The URLs of a listener on `port`: the SDK's form, and the sandbox's with more flags. */
const urls = {
  sdk: (port, token, flags = '') => `ws://127.0.0.1:${port}/ws/${token}${flags && `?${flags}`}`,
  v1: (port, token, flags = '') =>
    `ws://127.0.0.1:${port}/ws?token=${token}&v=1${flags && `&${flags}`}`,
};

class Peer {
  #seen = [];
  #waiting = [];

  constructor(url, options) {
    this.ws = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.opened = once(this.ws, 'open').then(() => this);
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    // What failed shows in `opened`, and in the code of `closed`.
    this.opened.catch(() => {});
    this.ws.on('error', () => {});
    this.ws.on('message', (data) => this.#take(data));
  }

  /** Has each message handed to `take`, as bytes, instead of being kept. */
  each(take) {
    this.#take = take;
    return this;
  }

  #take = (data) => {
    const message = JSON.parse(data.toString());
    const at = this.#waiting.findIndex(({ wanted }) => wanted(message));
    if (at >= 0) this.#waiting.splice(at, 1)[0].resolve(message);
    else this.#seen.push(message);
  };

  /** The first message, past or future, that `wanted` wants: a `type` or a function. */
  next(wanted) {
    const fits = typeof wanted === 'string' ? (message) => message.type === wanted : wanted;
    const at = this.#seen.findIndex(fits);
    if (at >= 0) return Promise.resolve(this.#seen.splice(at, 1)[0]);
    return new Promise((resolve) => this.#waiting.push({ wanted: fits, resolve }));
  }

  /** What has come and was not asked for. */
  get seen() {
    return this.#seen;
  }

  close() {
    this.ws.close();
    return this.closed;
  }

  terminate() {
    this.ws.terminate();
    return this.closed;
  }
}

/** A client that is connected. */
function connect(url, options) {
  return new Peer(url, options).opened;
}

module.exports = { Peer, connect, urls };
