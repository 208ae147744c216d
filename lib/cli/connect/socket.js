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
 * A class with what the client uses of the platform's `WebSocket`, for one listener.
 *
 * Beyond the platform's: `failure` is a sentence that says why there was no connection or how it was lost, `permanent`
 * whether another attempt would end in the same way. After `pause()` nothing more is read than a megabyte, until `resume()`.
 *
 * @param {{secure: boolean, host: string, port: number, token: string, ca?: string, fingerprint?: string}} listener
 */
function socketClass(listener) {
  // Loaded only here: help and wrong options need no native code.
  const { NativeSocket } = load('binding.js');

  return class CommandLineSocket extends EventTarget {
    readyState = CONNECTING;
    failure;
    permanent;
    #native;
    #resume;
    #paused;

    /** @param {string} url @param {string[]} protocols */
    constructor(url, protocols) {
      super();
      const { pathname, search } = new URL(url);
      const wanted = protocols.filter((one) => !IN_PROTOCOL.test(one));
      this.#native = new NativeSocket({ ...listener, path: pathname + search }, wanted);
      this.#run();
    }

    get bufferedAmount() {
      return this.#native.buffered();
    }

    /** @param {string | Uint8Array} data */
    send(data) {
      if (typeof data === 'string') this.#native.sendText(data);
      else this.#native.sendBinary(data);
    }

    close(code) {
      if (this.readyState >= CLOSING) return;
      this.readyState = CLOSING;
      this.#native.close(code);
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
        if (event.protocol !== undefined) this.#open();
        else if (event.code !== undefined || event.failed !== undefined) return this.#end(event);
        else this.#message(event);
        // One that closes it, too, is told its end.
        if (this.#paused) await this.#paused;
      }
    }

    #open() {
      if (this.readyState !== CONNECTING) return;
      this.readyState = OPEN;
      this.#emit('open');
    }

    #message({ text, binary }) {
      if (this.readyState !== OPEN) return;
      this.#emit('message', { data: text ?? memoryOf(binary) });
    }

    #end({ code = LOST, failed, permanent }) {
      Object.assign(this, { readyState: CLOSED, failure: failed, permanent });
      this.#emit('close', { code });
    }

    #emit(type, fields = {}) {
      this.dispatchEvent(Object.assign(new Event(type), fields));
    }
  };
}

/** The bytes as an ArrayBuffer. */
function memoryOf({ buffer, byteOffset, byteLength }) {
  const isWhole = byteLength === buffer.byteLength;
  return isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
}

module.exports = { socketClass };
