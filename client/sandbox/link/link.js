// The one connection that terminals, files, watches and operations share. Each of them is a member, known by the id of its
// messages, and is told when the connection opens, breaks, has a gap and ends:
//
//   { id, opened(), message(type, data), failed?(error, command), broken?(), gap?(), overflow?(root), ended(error) }
//
// An error that the workspace tells ends a member that has no `failed`.

import { failure } from './failure.js';
import { ConnectionError } from '../../connection/close-reason.js';
import { EventClient } from '../../event-client.js';
import { Request } from './request.js';

/** How much may wait in the socket before an upload waits: more would only fill memory. */
const MAX_BUFFERED_BYTES = 1 << 20;

/** How often an upload that waits looks again. A browser's socket tells nobody when it has room. */
const LOOK_MS = 5;

export class Link {
  #client;
  #options;
  isOpen = false;
  #reason;
  #members = new Map();
  #streams = new Map();
  #prefix;
  #made = 0;

  constructor(options, common) {
    this.#options = options;
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
    return `${this.#prefix}-${++this.#made}`;
  }

  add(member) {
    this.#members.set(member.id, member);
    if (this.isOpen) this.#call(member, 'opened');
    else this.#connect();
  }

  /** The same, for one that does not wait for a connection longer than a request does. */
  begin(member) {
    this.add(member);
    this.ask().catch((error) => member.ended(error));
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
    const client = (this.#client = new EventClient({ ...this.#options, binary: true }));
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
    if (name !== 'closed') return;
    // It has ended for good. The next command makes a new one.
    this.#client = undefined;
    // Each of them removes itself.
    this.#tell('ended', new ConnectionError(reason));
  }

  #receive({ type, data }) {
    const { id, watches, ...rest } = Object(data);
    if (type === 'gap') return this.#tell('gap');
    if (type === 'file:overflow') return this.#tell('overflow', rest.root);
    for (const one of Array.isArray(watches) ? watches : [id]) {
      const member = this.#members.get(one);
      if (type !== 'error') this.#call(member, 'message', type, rest);
      else {
        const error = failure(rest.code, rest.message);
        this.#call(member, member?.failed ? 'failed' : 'ended', error, rest.command);
      }
    }
  }

  #tell(what, value) {
    // A copy: whoever is told may add members, which are told on their own.
    for (const member of Array.from(this.#members.values())) this.#call(member, what, value);
  }

  /** A message in a form that no workspace gives, or that cannot be sent, ends whose it is, and not the process. */
  async #call(member, what, value, data) {
    try {
      await member?.[what]?.(value, data);
    } catch (error) {
      member.ended(error);
    }
  }
}
