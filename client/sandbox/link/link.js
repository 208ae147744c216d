// The one connection that terminals, files, watches and operations share. Each of them is a member, known by the id of its
// messages, and is told when the connection opens, breaks, has a gap and ends:
//
//   { id, opened(), message(type, data), broken?(), gap?(), overflow?(root), ended(error) }

import { ConnectionError } from '../../connection/close-reason.js';
import { Request } from './request.js';
import { EventClient } from '../../event-client.js';
import { failure } from './failure.js';

/** How much may wait in the socket before an upload waits: more would only fill memory. */
const MAX_BUFFERED_BYTES = 1 << 20;

/** How often an upload that waits looks again. A browser's socket tells nobody when it has room. */
const LOOK_MS = 5;

export class Link {
  #make;
  #client;
  isOpen = false;
  #reason;
  #members = new Map();
  #streams = new Map();
  #prefix;
  #made = 0;

  constructor(options, common) {
    this.#make = () => new EventClient({ ...options, binary: true });
    this.clock = common.clock;
    this.timeoutMs = common.timeoutMs;
    // Events go to all clients, with the ids of their commands: no other client may have the same.
    this.#prefix = Math.floor(common.random() * 2 ** 48).toString(36);
  }

  /** For a time limit, and why there is no connection. */
  late() {
    const sentence = `there was no connection for ${this.timeoutMs} ms`;
    return failure('NOT_CONNECTED', sentence, this.#reason);
  }

  /** A new id. */
  id() {
    this.#made += 1;
    return `${this.#prefix}-${this.#made}`;
  }

  add(member) {
    this.#members.set(member.id, member);
    if (this.isOpen) member.opened();
    else this.#connect();
  }

  has(id) {
    return this.#members.has(id);
  }

  remove(member) {
    if (this.#members.get(member.id) === member) this.#members.delete(member.id);
  }

  /** Gives the binary messages of a stream to `take` until the connection breaks. */
  bind(stream, take) {
    this.#streams.set(stream, take);
  }

  unbind(stream) {
    this.#streams.delete(stream);
  }

  /**
   * Sends a command, which takes the place of an earlier one with its type and id that still waits for the network. Rejects
   * if too much waits; whoever does not look at that is told nothing.
   */
  send(type, data, options) {
    const key = `${type} ${data.id}`;
    if (this.#client) return this.#client.send({ type, data }, { mode: 'latest', key, ...options });
    const ended = Promise.reject(new ConnectionError(this.#reason));
    ended.catch(() => {});
    return ended;
  }

  sendBytes(stream, offset, bytes) {
    this.#client.sendBinary(stream, offset, bytes);
  }

  /** Resolves when the socket has room. */
  async room() {
    while (this.isOpen && this.#client.bufferedAmount > MAX_BUFFERED_BYTES) {
      await new Promise((resolve) => this.clock.setTimeout(resolve, LOOK_MS));
    }
  }

  /** A command and its answer: see `Request`. */
  ask(type, data, options) {
    return new Request(this, type, data, options).answer;
  }

  async close() {
    await this.#client?.close();
  }

  #connect() {
    if (this.#client) return;
    const client = (this.#client = this.#make());
    client.on('statechange', (state) => this.#changed(state));
    client.on('message', (message) => this.#receive(message));
    client.on('binary', (frame) => this.#streams.get(frame.stream)?.(frame));
    // The state says it.
    client.connect().catch(() => {});
  }

  #changed({ name, reason }) {
    if (this.isOpen !== (name === 'open')) {
      this.isOpen = !this.isOpen;
      this.#streams.clear();
      this.#tell(this.isOpen ? 'opened' : 'broken');
    }
    this.#reason = reason;
    if (name === 'closed') this.#end(new ConnectionError(reason));
  }

  #receive({ type, data }) {
    const { id, watches, ...rest } = Object(data);
    if (type === 'gap') return this.#tell('gap');
    if (type === 'file:overflow') return this.#tell('overflow', rest.root);
    for (const one of Array.isArray(watches) ? watches : [id]) {
      this.#call(this.#members.get(one), 'message', type, rest);
    }
  }

  #tell(what, value) {
    // A copy: whoever is told may add members, which are told on their own.
    for (const member of Array.from(this.#members.values())) this.#call(member, what, value);
  }

  /** A message in a form that no workspace gives ends who gets it, and not the process. */
  #call(member, what, value, data) {
    try {
      member?.[what]?.(value, data);
    } catch (error) {
      member.ended(error);
    }
  }

  /** It has ended for good. The next command makes a new one. */
  #end(error) {
    this.#client = undefined;
    // Each of them removes itself.
    this.#tell('ended', error);
  }
}
