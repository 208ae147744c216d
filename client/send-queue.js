// What waits to be sent: messages for a connection that is lost or congested, and those that are not acknowledged yet.

import { onAbort } from './abort.js';

/** How often a congested socket is looked at, since sockets tell nobody: once per frame of a screen. */
const POLL_MS = 16;

/** 160 random bits: no two clients choose the same id, and written in digits it has 22 to 64 characters. */
const ID_WORDS = 5;

/** What an envelope adds to a message, rounded up: with it the message must not be bigger than the listener takes. */
const ENVELOPE_BYTES = 64;

const MODES = ['reliable', 'latest', 'drop'];

/** Why a message was not sent, or what is not known of it: `code` says it to programs. */
export class SendError extends Error {
  name = 'SendError';

  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export class SendQueue {
  /** Names this client to the listener, which keeps the number of its last reliable message. */
  id = crypto.getRandomValues(new Uint32Array(ID_WORDS)).join('-');

  #settings;
  /** What the socket has not got, in the order of the calls. */
  #waiting = new Set();
  /** Reliable messages that the socket has got, in the order of their numbers. */
  #unacknowledged = new Set();
  /** The bytes of all of them. */
  #bytes = 0;
  /** The number of the last reliable message. No number is used twice. */
  #last = 0;
  #socket = null;
  /** Names what the listener remembers of this client; `undefined` if it acknowledges nothing. */
  #memory;
  #timer;
  /** Why nothing is sent any more. */
  #ended;

  /** `settings`: the clock and the limits (options.js). */
  constructor(settings) {
    this.#settings = settings;
  }

  send(message, { mode = 'reliable', key, repeat, signal } = {}) {
    // In its envelope a text is a JSON string.
    const isText = typeof message === 'string' && mode !== 'reliable';
    const text = isText ? message : JSON.stringify(message);
    if (text === undefined) throw new TypeError('the message has no JSON form');
    if (!MODES.includes(mode)) throw new TypeError(`mode must be one of ${MODES}`);
    const now =
      mode !== 'reliable' && !signal?.aborted && this.#waiting.size === 0 && this.#isClear();
    if (now) this.#socket.write(text);
    if (mode === 'drop') return now;
    if (now) return Promise.resolve(true);
    const bytes = new TextEncoder().encode(text).length + ENVELOPE_BYTES;
    const about = mode === 'latest' ? `${key ?? message?.type ?? ''}` : undefined;
    const result = new Promise((resolve, reject) => {
      this.#add(
        { message, mode, key: about, text, bytes, repeat, sent: false, resolve, reject },
        signal,
      );
    });
    // Whoever does not wait for the result wants no `unhandledRejection` either, which would end a Node process.
    result.catch(() => {});
    return result;
  }

  /** What waits, in the order in which it is sent. Of what was `sent`, the acknowledgement is missing. */
  pending() {
    return this.#all().map(({ message, mode, key, sent }) => ({ message, mode, key, sent }));
  }

  clear() {
    this.#failAll('CLEARED', 'clear() was called');
  }

  /**
   * A connection can be used: `bufferedAmount`, and `write(text)`. From its `hello` are the number of the last message that the
   * listener has taken, and the name of the memory that knows it; neither if it acknowledges nothing.
   */
  opened(socket, { taken, memory }) {
    this.#socket = socket;
    // Another memory knows nothing of what was sent before.
    const known = memory && memory === this.#memory;
    this.#memory = memory;
    const all = this.#all();
    // What was sent before comes first again: it has the lower numbers.
    this.#unacknowledged.clear();
    this.#waiting = new Set(all);
    for (const entry of all) {
      if (!entry.sent) continue;
      if (!known && !entry.repeat) this.#fail(entry);
      else if (known && entry.n <= taken) this.#remove(entry).resolve();
    }
    this.#flush();
  }

  /** The connection is lost. There may be another one. */
  lost() {
    this.#socket = null;
    this.#settings.clock.clearTimeout(this.#timer);
    this.#timer = 0;
  }

  /** There will be no other connection. */
  end(message) {
    this.lost();
    this.#ended = message;
    this.#failAll('CLOSED', message);
  }

  /** The listener has taken everything up to `n`; with a `code` it has refused that one. */
  acknowledge({ n, code, message }) {
    for (const entry of this.#unacknowledged) {
      // `n` is no number if the application has sent a message that looks like this.
      if (!(entry.n <= n)) break;
      if (entry.n === n && code) this.#fail(entry, code, message);
      else this.#remove(entry).resolve();
    }
  }

  #all() {
    return [...this.#unacknowledged, ...this.#waiting];
  }

  /** Throws if it cannot wait. */
  #add(entry, signal) {
    const all = this.#all();
    const replaced = entry.mode === 'latest' && all.find(({ key }) => key === entry.key);
    const count = all.length + (replaced ? 0 : 1);
    const bytes = this.#bytes + entry.bytes - (replaced ? replaced.bytes : 0);
    const { maxQueued, maxQueuedBytes } = this.#settings;
    signal?.throwIfAborted();
    if (this.#ended) throw new SendError('CLOSED', this.#ended);
    if (count > maxQueued || bytes > maxQueuedBytes) {
      throw new SendError('QUEUE_FULL', `${maxQueued} messages or ${maxQueuedBytes} bytes wait`);
    }
    if (replaced) this.#remove(replaced).resolve(false);
    entry.forget = onAbort(signal, () => this.#remove(entry).reject(signal.reason));
    if (entry.mode === 'reliable') entry.n = ++this.#last;
    this.#bytes += entry.bytes;
    this.#waiting.add(entry);
    this.#flush();
  }

  #remove(entry) {
    entry.forget();
    if (!this.#waiting.delete(entry)) this.#unacknowledged.delete(entry);
    this.#bytes -= entry.bytes;
    return entry;
  }

  #fail(
    entry,
    code = 'OUTCOME_UNKNOWN',
    message = 'it was sent, and nobody knows whether the listener took it',
  ) {
    const error = new SendError(code, message);
    this.#remove(entry).reject(error);
  }

  #failAll(code, message) {
    for (const entry of this.#all()) {
      if (entry.sent) this.#fail(entry);
      else this.#fail(entry, code, message);
    }
  }

  /** Whether the socket takes more now. */
  #isClear() {
    return this.#socket?.bufferedAmount <= this.#settings.maxBufferedBytes;
  }

  #flush() {
    for (const entry of this.#waiting) {
      if (!this.#isClear()) break;
      if (entry.mode === 'latest') {
        this.#socket.write(entry.text);
        this.#remove(entry).resolve(true);
      } else if (!this.#memory) {
        this.#fail(entry, 'NOT_SUPPORTED', 'the listener is too old');
      } else {
        this.#socket.write(`{"type":"reliable","data":{"n":${entry.n},"message":${entry.text}}}`);
        this.#waiting.delete(entry);
        this.#unacknowledged.add(entry);
        entry.sent = true;
      }
    }
    if (this.#waiting.size > 0 && this.#socket && !this.#timer) {
      this.#timer = this.#settings.clock.setTimeout(() => {
        this.#timer = 0;
        this.#flush();
      }, POLL_MS);
    }
  }
}
