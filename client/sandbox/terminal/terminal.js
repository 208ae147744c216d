// A command that runs in the workspace, with the members of the terminals of `workspace.terminal`. After a reconnect its output
// goes on at the byte where it was.

import { EventBuffer } from '../../iterate.js';
import { failure } from '../link/failure.js';

/**
 * How much output waits while nobody reads. More is dropped here and fetched again when somebody does: the workspace keeps
 * `scrollbackBytes` of it.
 */
const MAX_UNREAD_BYTES = 256 << 10;

/** After how many bytes the workspace is told that they were taken; fewer if nothing else waits. */
const ACK_BYTES = 64 << 10;
const IDLE_ACK_BYTES = 4 << 10;

/** The pieces of input: a message may have 1 MiB, and a character of text becomes up to six bytes of JSON. */
const MAX_TEXT = 128 << 10;
const MAX_INPUT_BYTES = 64 << 10;

/** Input is delivered once, also if the connection breaks on the way. */
const RELIABLE = { mode: 'reliable' };

export class Terminal {
  id;
  pid;
  exit;
  #link;
  /** What starts it, and whether that was sent. */
  #execute;
  #isSent = false;
  #isRetried = false;
  #isStarted;
  #started;
  #settle;
  #streams;
  #size;
  #queue = pieces();
  /** Up to where output was taken, has come, and is known to the workspace as taken. */
  #taken;
  #seen;
  #acked;
  #isRead = false;
  /** Output that nobody read was dropped; it is being fetched again. */
  #isDropped = false;
  #isRewinding = false;
  #hasEnded = false;
  /** The input before, and how much of it came in binary messages. */
  #typing = Promise.resolve();
  #typed = 0;
  /** Why input was refused, and why it is not known how the command ends. */
  #refused;
  #failure;

  /**
   * @param {{id: string | number, execute?: object, pid?: number, streams?: object, offset?: number, size?: object}} known
   *   `execute` is the command that starts it; without it, it runs already
   */
  constructor(link, { id, execute, pid, streams, offset = 0, size }) {
    this.#link = link;
    this.id = id;
    this.pid = pid;
    this.#execute = execute;
    this.#isStarted = !execute;
    this.#streams = streams;
    this.#size = size;
    this.#taken = this.#seen = this.#acked = offset;
    this.exit = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever reads is told there.
    this.exit.catch(() => {});
    this.begun = new Promise((resolve, reject) => (this.#started = { resolve, reject }));
    link.add(this);
  }

  /** In the order of the calls. Resolves when the workspace has it. */
  write(data) {
    this.#typing = this.#typing.catch(() => {}).then(() => this.#type(data));
    return this.#typing;
  }

  resize(cols, rows) {
    this.#check();
    // Without a connection it goes along when this is attached again.
    this.#size = { cols, rows };
    if (this.#link.isOpen) this.#say('resize', this.#size);
  }

  signal(name) {
    this.#check();
    this.#say('signal', { signal: name }, RELIABLE);
  }

  /** Behind all that was written. */
  eof() {
    this.#check();
    this.#typing = this.#typing.catch(() => {}).then(() => this.#say('eof', {}, RELIABLE));
    this.#typing.catch(() => {});
  }

  /** The command goes on without this client. */
  detach() {
    if (this.#link.isOpen) this.#say('detach');
    this.ended(failure('DETACHED', 'this client has detached'), true);
    return Promise.resolve();
  }

  get output() {
    return this.#bytes();
  }

  get chunks() {
    return this.#chunks();
  }

  async #type(data) {
    this.#check();
    const isText = typeof data === 'string';
    const step = isText ? MAX_TEXT : MAX_INPUT_BYTES;
    for (let at = 0; at < data.length && !this.#hasEnded; at += step) {
      if (isText) await this.#say('input', { input: data.slice(at, at + step) }, RELIABLE);
      else await this.#typeBytes(data.subarray(at, at + step));
    }
  }

  async #typeBytes(piece) {
    await this.#link.room();
    if (!this.#link.isOpen) {
      throw failure(
        'CONNECTION_LOST',
        'the connection was lost: a part of the bytes may have arrived',
      );
    }
    this.#link.sendBytes(this.#streams.stdin, this.#typed, piece);
    this.#typed += piece.byteLength;
  }

  async *#bytes() {
    for await (const { data } of this.#chunks()) yield data;
  }

  async *#chunks() {
    this.#isRead = true;
    if (this.#isDropped) this.#rewind().catch((error) => this.ended(error));
    try {
      for (;;) {
        const { done, value } = await this.#queue.next();
        if (done) return;
        this.#taken = value.offset + value.data.byteLength;
        this.#acknowledge();
        yield value;
      }
    } finally {
      // After the loop was left the command must not wait for it.
      this.#isRead = false;
      this.#acknowledge();
    }
  }

  // What the link calls.

  opened() {
    if (this.#isRewinding) return;
    if (this.#isStarted) this.#attach();
    else if (this.#isSent) this.#recover().catch((error) => this.ended(error));
    else this.#launch();
  }

  message(type, data) {
    if (type === 'terminal:started') this.#know(data);
    else if (type === 'terminal:replayed') this.#started.resolve(this);
    else if (type === 'terminal:exit') this.#exited(data);
    else if (type === 'error') this.#failed(data);
  }

  ended(error, quietly) {
    this.#failure = error;
    this.#over();
    this.#queue.end(quietly ? undefined : error);
    this.#started.reject(error);
    this.#settle.reject(error);
  }

  #launch() {
    this.#isRetried = this.#isSent;
    this.#isSent = true;
    const data = { acknowledge: 0, ...this.#execute, id: this.id };
    this.#link.send('terminal:execute', data).catch((error) => this.ended(error));
  }

  #attach() {
    this.#bind();
    const acknowledge = (this.#acked = this.#isRead ? this.#taken : this.#seen);
    this.#say('attach', { offset: this.#seen, acknowledge, ...this.#size });
  }

  /** The connection broke before the answer to the command that starts it. */
  async #recover() {
    const row = (await list(this.#link)).find(({ id }) => id === this.id);
    if (row) {
      this.#know(row);
      this.#attach();
    } else this.#launch();
  }

  #know({ pid, streams }) {
    this.pid = pid;
    this.#streams = streams;
    this.#isStarted = true;
    this.#bind();
    this.#started.resolve(this);
  }

  #bind() {
    for (const source of ['stdout', 'stderr']) {
      this.#link.bind(this.#streams[source], (frame) => this.#take(source, frame));
    }
  }

  #take(source, { offset, bytes }) {
    const end = offset + bytes.byteLength;
    if (this.#isRewinding || end <= this.#seen) return;
    const lost = Math.max(0, offset - this.#seen);
    const data = bytes.subarray(Math.max(0, this.#seen - offset));
    this.#seen = end;
    if (!this.#isDropped) {
      this.#queue.push({ source, offset: end - data.byteLength, data, ...(lost && { lost }) });
    }
    if (!this.#isRead) {
      if (this.#seen - this.#taken > MAX_UNREAD_BYTES) {
        this.#isDropped = true;
        this.#queue = pieces();
      }
      this.#acknowledge();
    }
  }

  #acknowledge() {
    const offset = this.#isRead ? this.#taken : this.#seen;
    const bytes = offset - this.#acked;
    if (bytes < (offset === this.#seen ? IDLE_ACK_BYTES : ACK_BYTES) || !this.#link.isOpen) return;
    this.#acked = offset;
    this.#say('ack', { offset });
  }

  /** Fetches again what was dropped, as far as the workspace has it. */
  async #rewind() {
    this.#isRewinding = true;
    if (this.#link.isOpen) this.#say('detach');
    // What comes before this answer is of the attachment that has ended.
    await list(this.#link);
    this.#isRewinding = this.#isDropped = false;
    this.#seen = this.#acked = this.#taken;
    this.#link.add(this);
  }

  #exited(data) {
    this.#hasEnded = true;
    this.#settle.resolve(data);
    if (this.#isRewinding || this.#isDropped) return;
    this.#over();
    this.#queue.end();
  }

  #failed({ command, code, message }) {
    const error = failure(code, message);
    if (command === 'terminal:execute' && code === 'ID_IN_USE' && this.#isRetried) {
      this.#recover().catch((cause) => this.ended(cause));
    } else if (command === 'terminal:execute' || command === 'terminal:attach') this.ended(error);
    // Input for a command that has ended is dropped.
    else if (code !== 'GONE') this.#refused = error;
  }

  #check() {
    const error = this.#failure ?? this.#refused;
    this.#refused = undefined;
    if (error) throw error;
  }

  #say(what, data, options) {
    return this.#link.send(`terminal:${what}`, { ...data, id: this.id }, options);
  }

  #over() {
    for (const stream of Object.values(this.#streams ?? {})) this.#link.unbind(stream);
    this.#link.remove(this);
  }
}

/** Its bounds are counted in bytes, here and by the workspace. */
function pieces() {
  return new EventBuffer(Infinity, { room: () => {} });
}

/** The terminals of the workspace. */
export async function list(link) {
  return (await link.ask('terminal:list', {}, { again: true })).terminals;
}
