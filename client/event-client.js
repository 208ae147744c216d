// A connection to a listener that is made again whenever it is lost, and continues where it was.

import { Emitter } from './emitter.js';
import { decodeFrame, encodeFrame } from './frame.js';

export class EventClient {
  #options;
  #emitter = new Emitter();
  #socket;
  #state = { name: 'idle' };

  constructor(options) {
    this.#options = typeof options === 'string' || options instanceof URL ? { url: options } : options;
  }

  get state() {
    return this.#state;
  }

  on(type, listener) {
    this.#emitter.on(type, listener);
    return this;
  }

  once(type, listener) {
    this.#emitter.once(type, listener);
    return this;
  }

  off(type, listener) {
    this.#emitter.off(type, listener);
    return this;
  }

  connect() {
    const { url, protocols, WebSocket = globalThis.WebSocket } = this.#options;
    const socket = new WebSocket(url, protocols);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#become({ name: 'connecting', attempt: 1 });
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => {
        this.#become({ name: 'open' });
        resolve();
      });
      socket.addEventListener('close', ({ code, reason }) => {
        this.#become({ name: 'closed', reason: { code, text: reason } });
        reject(new Error('the connection was closed'));
      });
      socket.addEventListener('message', ({ data }) => this.#receive(data));
    });
  }

  send(message) {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  sendBinary(stream, offset, bytes) {
    this.#socket.send(encodeFrame(stream, offset, bytes));
  }

  close() {
    this.#socket?.close(1000);
    return Promise.resolve();
  }

  #become(state) {
    this.#state = state;
    this.#emitter.emit('statechange', state);
  }

  #receive(data) {
    if (typeof data !== 'string') {
      const frame = decodeFrame(data);
      if (frame !== null) this.#emitter.emit('binary', frame);
      return;
    }
    const message = JSON.parse(data);
    this.#emitter.emit('message', message);
    this.#emitter.emit(message.type, message);
  }
}
