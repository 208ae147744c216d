// A listener in JavaScript: it keeps the process alive, and prints without its token.
'use strict';

const { checkBytes } = require('./idioms/bytes.js');
const { connected, listening } = require('./idioms/diagnostics.js');
const { closeAtDispose } = require('./idioms/dispose.js');
const { abortError } = require('./errors.js');
const { EventReader } = require('./events/event-reader.js');
const { KeepAlive } = require('./keep-alive.js');
const { Pump } = require('./pump.js');
const { onAbort, throwIfAborted, withoutSignal } = require('./signal.js');
const { builtin } = require('./loader/builtin.js');

// Taken at load: fake timers that a test installs later must not change what is warned of.
const { clearInterval, setInterval } = builtin('node:timers');

// How often a listener without a callback, which nobody has iterated yet, looks whether publishers wait for that.
const LOOK_MS = 1_000;

const electron = process.versions.electron !== undefined;
const open = new Set();
let warnedOfShortToken = false;

class ChannelListener {
  #native;
  #pump;
  #keepAlive;
  #closing;
  #format;
  // The readers of iterations. One that was dropped without its end must be collected: publishers wait for it.
  #readers = new Set();
  // Without a callback the events wait for the first iteration, from the start of the listener on.
  #first;
  #looking;
  #unlisten;

  constructor(NativeListener, port, token, callback, given) {
    const [options, signal] = withoutSignal(given);
    throwIfAborted(signal);
    const told = connected(this, options);
    const pump = new Pump(callback, told);
    const wake = (batch) => pump.turn(batch);
    this.#native = new NativeListener(port, token, callback, told, electron, wake);
    this.#pump = pump;
    this.#format = options?.format ?? 'buffer';
    this.#keepAlive = new KeepAlive();
    open.add(this);
    if (callback === undefined || callback === null) this.#holdFirst();
    this.#unlisten = onAbort(signal, () => {
      this.#endReaders(abortError(signal));
      this.close();
    });
    pump.start(this.#native);
    listening('open', this);
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
    return this.#native.send(connectionId, checkBytes(data, 'data'));
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

  /** The events as an iterator: each iterator gets all, from its start on. */
  [Symbol.asyncIterator]() {
    const reader = this.#first ?? this.#begin();
    this.#first = undefined;
    clearInterval(this.#looking);
    for (const known of this.#readers) {
      if (known.deref()?.ended ?? true) this.#readers.delete(known);
    }
    this.#readers.add(new WeakRef(reader));
    return reader;
  }

  #begin() {
    const begin = this.closed ? undefined : (wake) => this.#native.reader(wake);
    return new EventReader(begin, this.#format);
  }

  #holdFirst() {
    const first = this.#begin();
    this.#first = first;
    this.#looking = setInterval(() => {
      if (!first.isAboveMark()) return;
      clearInterval(this.#looking);
      process.emitWarning(
        'a listener without a callback keeps its events for the first `for await`, and publishers wait for that; ' +
          'iterate it, or pass a function',
        { type: 'LoopwireWarning', code: 'LOOPWIRE_NOT_ITERATED' },
      );
    }, LOOK_MS);
    this.#looking.unref();
  }

  #endReaders(failure) {
    clearInterval(this.#looking);
    this.#first?.end(failure);
    for (const reader of this.#readers) reader.deref()?.end(failure);
    this.#readers.clear();
  }

  #forget() {
    if (!open.delete(this)) return;
    this.#unlisten();
    this.#pump.stop();
    this.#endReaders();
    this.#keepAlive.end();
    listening('close', this);
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

closeAtDispose(ChannelListener);

module.exports = { ChannelListener };
