// A connection as on the sandbox's page: `open`, `message`, `error` and `close`. It is made again when it breaks; then `close`
// and `open` come again.

import { Emitter } from '../../emitter.js';
import { ConnectionError } from '../../connection/close-reason.js';
import { asyncDispose } from '../../dispose.js';

/** What the connection says to this side, and not to the application. */
const OWN = new Set(['hello', 'resumed', 'active', 'standby', 'ack']);

/** As those of the class WebSocket. */
const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

export class SandboxSocket {
  #client;
  #emitter = new Emitter();
  #isOpen;
  /** Listeners for `open` that came late, and wait for their call. */
  #late = new Set();
  #state = CONNECTING;
  /** Messages from before whoever awaited the connection could listen. */
  #early = [];

  constructor(client, clock) {
    Object.assign(this, { CONNECTING, OPEN, CLOSING, CLOSED });
    this.#client = client;
    client.on('statechange', (state) => this.#changed(state));
    client.on('binary', (frame) => this.#emitter.emit('binary', frame));
    client.on('message', (message) => {
      if (OWN.has(message.type)) return;
      if (this.#early) this.#early.push(message);
      else this.#emitter.emit('message', message);
    });
    const flush = () => {
      const early = this.#early;
      this.#early = undefined;
      for (const message of early) this.#emitter.emit('message', message);
    };
    client.once('hello', () => clock.setTimeout(flush, 0));
  }

  get readyState() {
    return this.#state;
  }

  on(name, listener) {
    this.#emitter.on(name, listener);
    this.#replay(name, listener, false);
    return this;
  }

  once(name, listener) {
    this.#emitter.once(name, listener);
    this.#replay(name, listener, true);
    return this;
  }

  off(name, listener) {
    this.#emitter.off(name, listener);
    if (name === 'open') this.#late.delete(listener);
    return this;
  }

  send(message, options) {
    return this.#client.send(message, options);
  }

  sendBinary(stream, offset, bytes) {
    this.#client.sendBinary(stream, offset, bytes);
  }

  close() {
    if (this.#state !== CLOSED) this.#state = CLOSING;
    return this.#client.close();
  }

  [asyncDispose]() {
    return this.close();
  }

  /** `open` has been, but not for this listener. */
  #replay(name, listener, once) {
    if (name !== 'open' || this.#state !== OPEN) return;
    this.#late.add(listener);
    queueMicrotask(() => {
      if (!this.#late.delete(listener) || this.#state !== OPEN) return;
      if (once) this.#emitter.off(name, listener);
      listener();
    });
  }

  #changed({ name, reason }) {
    const wasOpen = this.#isOpen;
    this.#isOpen = name === 'open';
    const isOver = name === 'closed';
    if (isOver) this.#state = CLOSED;
    else if (this.#state !== CLOSING) {
      this.#state = this.#isOpen ? OPEN : CONNECTING;
    }
    if (this.#isOpen) this.#emitter.emit('open');
    else if (reason) {
      if (reason.code !== 'CLOSED') this.#emitter.emit('error', new ConnectionError(reason));
      // One for each `open`, and one at the end.
      if (wasOpen || isOver) this.#emitter.emit('close', { ...reason, willReconnect: !isOver });
    }
  }
}
