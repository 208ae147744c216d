// A client of a listener: what an application touches. The connection is made again whenever it is lost, and continues where
// it was.

import { Position } from './position.js';
import { readOptions } from './options.js';
import { Connection } from './connection/connection.js';
import { parse } from './json.js';
import { EventBuffer } from './iterate.js';
import { decodeFrame, encodeFrame } from './frame.js';
import { onAbort } from './abort.js';
import { ConnectionError, reason } from './connection/close-reason.js';
import { SendQueue } from './send-queue.js';
import { asyncDispose } from './dispose.js';
import { deferred } from './deferred.js';
import { Emitter } from './emitter.js';

/** Names that the client itself uses: an event of the application with such a type comes as `event` and `message` only. */
const OWN_NAMES = new Set(['message', 'event', 'text', 'binary', 'statechange']);

export class EventClient {
  #settings;
  #emitter = new Emitter();
  #connection;
  #buffers = new Set();
  /** Of `connect()`. */
  #connected = deferred();
  #closing;
  #forget;
  #position;
  #queue;

  constructor(options) {
    this.#settings = readOptions(options);
    const { since, signal } = this.#settings;
    this.#position = new Position(since);
    this.#queue = new SendQueue(this.#settings);
    this.#connection = new Connection(this.#settings, {
      state: (state, hello) => this.#became(state, hello),
      flags: () => ({ ...this.#position.begin(), client: this.#queue.id }),
      message: (data) => this.#receive(data),
    });
    this.#forget = onAbort(signal, () => this.#end('ABORTED', 'the signal was aborted'));
  }

  get state() {
    return this.#connection.state;
  }

  get position() {
    return this.#position.value;
  }

  /** What the socket has taken and the network has not. */
  get bufferedAmount() {
    return this.#connection.bufferedAmount;
  }

  on(name, listener) {
    this.#emitter.on(name, listener);
    return this;
  }

  once(name, listener) {
    this.#emitter.once(name, listener);
    return this;
  }

  off(name, listener) {
    this.#emitter.off(name, listener);
    return this;
  }

  connect() {
    this.#connection.start();
    return this.#connected.promise;
  }

  close() {
    return this.#end('CLOSED', 'the client was closed');
  }

  [asyncDispose]() {
    return this.close();
  }

  notifyResume() {
    this.#connection.wake();
  }

  send(message, options) {
    return this.#queue.send(message, options);
  }

  pending() {
    return this.#queue.pending();
  }

  clear() {
    this.#queue.clear();
  }

  sendBinary(stream, offset, bytes) {
    this.#connection.write(encodeFrame(stream, offset, bytes));
  }

  [Symbol.asyncIterator]() {
    const { maxBuffered } = this.#settings;
    const why = reason('SLOW_CONSUMER', `a loop is ${maxBuffered} events behind`);
    const unpause = () => {
      if (![...this.#buffers].some((one) => one.isFull)) this.#connection.unpause();
    };
    const buffer = new EventBuffer(maxBuffered, {
      full: () => this.#connection.pause(why),
      room: unpause,
      stop: () => {
        this.#buffers.delete(buffer);
        unpause();
      },
    });
    this.#buffers.add(buffer);
    void this.connect();
    if (this.state.name === 'closed') this.#endBuffers();
    return buffer;
  }

  #end(code, message) {
    return (this.#closing ??= this.#connection.close(reason(code, message)));
  }

  #became(state, hello) {
    // Before anybody is told: whoever sends then comes after what waits.
    if (state.name === 'open') {
      this.#queue.opened(this.#connection, hello);
      this.#connected.resolve();
    } else if (state.name === 'closed') {
      this.#queue.end(state.reason.message);
      this.#connected.reject(this.#error(state));
    } else this.#queue.lost();
    this.#emitter.emit('statechange', state);
    if (state.name === 'closed') this.#endBuffers();
  }

  #endBuffers() {
    this.#forget?.();
    const error = this.state.reason.code === 'CLOSED' ? undefined : this.#error(this.state);
    for (const buffer of this.#buffers) buffer.end(error);
    this.#buffers.clear();
  }

  #error({ reason: why }) {
    return why.code === 'ABORTED' ? this.#settings.signal.reason : new ConnectionError(why);
  }

  #receive(data) {
    if (typeof data !== 'string') {
      const frame = decodeFrame(data);
      if (frame) this.#emitter.emit('binary', frame);
      return;
    }
    const message = parse(data);
    if (message?.type === 'ack') this.#queue.acknowledge(Object(message.data));
    // The application may send a client any text.
    if (Object(message) !== message) this.#emitter.emit('text', data);
    else for (const one of this.#position.take(message, data)) this.#deliver(one);
  }

  #deliver(message) {
    this.#emitter.emit('message', message);
    if (typeof message.seq === 'number' || message.type === 'gap') {
      this.#emitter.emit('event', message);
      for (const buffer of this.#buffers) buffer.push(message);
    }
    if (!OWN_NAMES.has(message.type)) this.#emitter.emit(message.type, message);
  }
}
