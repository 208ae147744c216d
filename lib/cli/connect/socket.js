// A WebSocket for the client of `loopwire/client`, over a native one: Node 20 has none, and no other one sends the token in
// a header and trusts what `--ca` and `--fingerprint` say.
'use strict';

const { load } = require('../core.js');

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];
/** The code of a close event without a close frame. */
const LOST = 1006;
/** Our token stands in a header, and nowhere else. */
const IN_PROTOCOL = /^bearer\./;

/**
 * A class like the platform's `WebSocket`, for one listener.
 *
 * Beyond the platform's: `status` is the HTTP status of a refused upgrade, `failure` a sentence that says why there was no
 * connection or how it was lost, `permanent` whether another attempt would end in the same way, `retryAfterMs` how long the
 * server wants it to wait. After `pause()` nothing more is read than a megabyte, until `resume()`.
 *
 * @param {{secure: boolean, host: string, port: number, token: string, ca?: string, fingerprint?: string}} listener
 */
function socketClass(listener) {
  // Loaded only here: help and wrong options need no native code.
  const { NativeSocket } = load('binding.js');

  return class CommandLineSocket extends EventTarget {
    static CONNECTING = CONNECTING;
    static OPEN = OPEN;
    static CLOSING = CLOSING;
    static CLOSED = CLOSED;

    binaryType = 'arraybuffer';
    extensions = '';
    protocol = '';
    readyState = CONNECTING;
    status;
    failure;
    permanent;
    retryAfterMs;
    #handlers = new Map();
    #native;
    #buffered = 0;
    #resume;
    #paused;

    /** @param {string | URL} url @param {string | string[]} [protocols] */
    constructor(url, protocols = []) {
      super();
      const { pathname, search, href } = new URL(url);
      this.url = href;
      const wanted = [protocols].flat().filter((one) => !IN_PROTOCOL.test(one));
      this.#native = new NativeSocket({ ...listener, path: pathname + search, protocols: wanted });
      this.#run();
    }

    get bufferedAmount() {
      return this.readyState === CLOSED ? this.#buffered : this.#native.buffered();
    }

    /** @param {string | ArrayBuffer | ArrayBufferView} data */
    send(data) {
      if (this.readyState === CONNECTING) {
        throw new DOMException('the socket is not open yet', 'InvalidStateError');
      }
      if (typeof data === 'string') this.#native.sendText(data);
      else if (ArrayBuffer.isView(data)) {
        this.#native.sendBinary(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      } else this.#native.sendBinary(new Uint8Array(data));
    }

    close(code, reason) {
      if (this.readyState >= CLOSING) return;
      this.readyState = CLOSING;
      this.#native.close(code, reason);
      this.resume();
    }

    /** Reads no further message, so that the server waits. */
    pause() {
      this.#paused ??= new Promise((resolve) => (this.#resume = resolve));
    }

    resume() {
      this.#resume?.();
      this.#paused = undefined;
    }

    async #run() {
      for (;;) {
        const event = await this.#native.next();
        if (event.protocol !== undefined) this.#open(event.protocol);
        else if (event.code !== undefined || event.failed !== undefined) return this.#end(event);
        else this.#message(event);
        // One that closes it, too, is told its end.
        if (this.#paused) await this.#paused;
      }
    }

    #open(protocol) {
      if (this.readyState !== CONNECTING) return;
      this.readyState = OPEN;
      this.protocol = protocol;
      this.#emit('open');
    }

    #message({ text, binary }) {
      if (this.readyState !== OPEN) return;
      this.#emit('message', { data: text ?? this.#shaped(binary) });
    }

    /** Bytes as `binaryType` says; `nodebuffer`, as in `ws`, copies nothing. */
    #shaped(bytes) {
      if (this.binaryType === 'nodebuffer') return bytes;
      const { buffer, byteOffset, byteLength } = bytes;
      const whole = byteLength === buffer.byteLength;
      const data = whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
      return this.binaryType === 'blob' ? new Blob([data]) : data;
    }

    #end({ code = LOST, reason = '', failed, status, permanent, retryAfterMs }) {
      const clean = failed === undefined && code !== LOST;
      this.#buffered = this.#native.buffered();
      Object.assign(this, { readyState: CLOSED, failure: failed, status, permanent, retryAfterMs });
      if (failed !== undefined) {
        this.#emit('error', { message: failed, error: new Error(failed), status });
      }
      this.#emit('close', { code, reason, wasClean: clean, status });
    }

    #emit(type, fields = {}) {
      this.dispatchEvent(Object.assign(new Event(type), fields));
    }

    /** `onopen` and the others: one listener for each, which the next one replaces. */
    #handle(type, handler) {
      const before = this.#handlers.get(type);
      if (before) this.removeEventListener(type, before);
      this.#handlers.delete(type);
      if (typeof handler !== 'function') return;
      this.#handlers.set(type, handler);
      this.addEventListener(type, handler);
    }

    get onopen() {
      return this.#handlers.get('open') ?? null;
    }
    set onopen(handler) {
      this.#handle('open', handler);
    }
    get onmessage() {
      return this.#handlers.get('message') ?? null;
    }
    set onmessage(handler) {
      this.#handle('message', handler);
    }
    get onerror() {
      return this.#handlers.get('error') ?? null;
    }
    set onerror(handler) {
      this.#handle('error', handler);
    }
    get onclose() {
      return this.#handlers.get('close') ?? null;
    }
    set onclose(handler) {
      this.#handle('close', handler);
    }
  };
}

module.exports = { socketClass };
