// One WebSocket from its construction to its end. It ends once, and says nothing after that.

import { reason, refusedWith } from './close-reason.js';

/** Bytes of a refusal that are read; the listener's are shorter. */
const MAX_BODY_CHARS = 4_096;

export class Socket {
  #settings;
  #on;
  #socket;
  #done;
  #open;
  #closed;

  /**
   * `on.message(data)`; `on.lost(closeCode)` if it was open, `on.failed(refusal)` if it never was: only `ws` tells
   * how a handshake was refused.
   */
  constructor(settings, { url, protocols }, on) {
    this.#settings = settings;
    this.#on = on;
    let socket;
    try {
      socket = new settings.WebSocket(url, protocols);
    } catch (error) {
      // The text of the error may show the URL; its name does not. `SecurityError`: a page from https:// may not use ws://.
      const refusal = reason('BLOCKED', `the class WebSocket threw ${error?.name}`, true);
      queueMicrotask(() => this.#fail(refusal));
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    this.#closed = new Promise((resolve) => {
      const ended = ({ type, code }) => {
        // A `close` follows an `error`, but not in Chromium if the page's policy blocks the socket.
        if (type === 'error' && this.#open) return;
        resolve();
        if (this.#open) this.#end(() => on.lost(code));
        // Before it is open the code says nothing: Bun gives 1002 for a refused handshake, others 1006.
        else this.#fail();
      };
      socket.addEventListener('error', ended);
      socket.addEventListener('close', ended);
    });
    socket.addEventListener('open', () => (this.#open = true));
    socket.addEventListener('message', ({ data }) => this.#done || on.message(data));
    // Of the package `ws` alone.
    socket.once?.('unexpected-response', (request, response) => this.#refused(request, response));
  }

  /** Of an open socket; `Infinity` if it takes nothing any more, since its `readyState` is not 1 (`OPEN`). */
  get bufferedAmount() {
    const { readyState = 1, bufferedAmount } = this.#socket;
    return readyState === 1 ? bufferedAmount : Infinity;
  }

  /** What it does not take any more is lost, as what it has taken is. */
  send(data) {
    if (this.bufferedAmount < Infinity) this.#socket.send(data);
  }

  /** The closing handshake; resolves when it is done, or when the listener took too long. */
  async close() {
    this.#done = true;
    if (!this.#socket) return;
    const { clock, closeTimeoutMs } = this.#settings;
    let timer;
    const late = new Promise((resolve) => (timer = clock.setTimeout(resolve, closeTimeoutMs)));
    this.#close(1000);
    await Promise.race([this.#closed, late]);
    clock.clearTimeout(timer);
    this.#socket.terminate?.();
  }

  /** Leaves a peer that does not answer: nothing is waited for. */
  abandon() {
    this.#done = true;
    this.#close(4008);
    this.#socket?.terminate?.();
  }

  #close(code) {
    try {
      this.#socket?.close(code);
    } catch {
      // Deno throws while the handshake is under way.
    }
  }

  #fail(refusal) {
    this.#end(() => this.#on.failed(refusal));
  }

  #end(tell) {
    if (this.#done) return;
    this.#done = true;
    tell();
  }

  #refused(request, response) {
    let text = '';
    response.on('data', (piece) => {
      text += piece;
      if (text.length > MAX_BODY_CHARS) response.destroy();
    });
    response.on('close', () => {
      const { statusCode, headers } = response;
      const said = this.#settings.target.hide(text);
      this.#fail(refusedWith(statusCode, said, headers['retry-after']));
      request.destroy();
    });
    response.on('error', () => {});
  }
}
