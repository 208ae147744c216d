// A listener in JavaScript: it keeps the process alive, and prints without its token.
'use strict';

const { KeepAlive } = require('./keep-alive.js');
const { Pump } = require('./pump.js');

const electron = process.versions.electron !== undefined;
const open = new Set();
let warnedOfShortToken = false;

class ChannelListener {
  #native;
  #pump;
  #keepAlive;
  #closing;

  constructor(NativeListener, port, token, callback, options) {
    const pump = new Pump(callback, options);
    const wake = (batch) => pump.turn(batch);
    this.#native = new NativeListener(port, token, callback, options, electron, wake);
    this.#pump = pump;
    this.#keepAlive = new KeepAlive();
    open.add(this);
    pump.start(this.#native);
    if (this.#native.hasShortToken && !warnedOfShortToken) {
      warnedOfShortToken = true;
      process.emitWarning(
        'the token has fewer than 16 characters; generateToken() makes one that cannot be guessed',
        { type: 'LoopwireWarning', code: 'LOOPWIRE_SHORT_TOKEN' },
      );
    }
  }

  get port() {
    return this.#native.port;
  }

  get host() {
    return this.#native.host;
  }

  get url() {
    return this.#native.url;
  }

  get certificate() {
    return this.#native.certificate;
  }

  get fingerprint() {
    return this.#native.fingerprint;
  }

  get closed() {
    return this.#native.closed;
  }

  address() {
    return this.#native.address();
  }

  connections() {
    return this.#native.connections();
  }

  stats() {
    return this.#native.stats();
  }

  send(connectionId, data) {
    return this.#native.send(connectionId, data);
  }

  disconnect(connectionId) {
    return this.#native.disconnect(connectionId);
  }

  rotateToken(next) {
    return this.#native.rotateToken(next);
  }

  ref() {
    this.#keepAlive.ref();
    return this;
  }

  unref() {
    this.#keepAlive.unref();
    return this;
  }

  close() {
    this.#forget();
    this.#closing ??= this.#native.close();
    return this.#closing;
  }

  #forget() {
    this.#pump.stop();
    this.#keepAlive.end();
    open.delete(this);
  }

  // Listeners that something else closed must not call their callback or keep the process alive.
  static forgetAll() {
    for (const listener of open) listener.#forget();
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    // Without the token, so without the URL.
    const { host, port, closed } = this;
    return `ChannelListener ${inspect({ host, port, closed }, options)}`;
  }
}

module.exports = { ChannelListener };
