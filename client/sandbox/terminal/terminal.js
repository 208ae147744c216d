// A command that runs in the workspace, with the members of the terminals of `workspace.terminal`. After a reconnect its output
// goes on at the byte where it was.

import { toBytes } from '../bytes.js';
import { EventBuffer } from '../../iterate.js';
import { CountedInput } from './counted-input.js';
import { failure } from '../link/failure.js';
import { deferred } from '../../deferred.js';
import { asyncDispose } from '../../dispose.js';

/**
 * How much output waits while nobody reads. More is dropped here and fetched again when somebody does: the workspace keeps
 * `scrollbackBytes` of it.
 */
const MAX_UNREAD_BYTES = 256 << 10;

/** After how many bytes the workspace is told that they were taken; fewer if nothing else waits. */
const ACK_BYTES = 64 << 10;
const IDLE_ACK_BYTES = 4 << 10;

/**
 * The pieces of input in messages: one may have 1 MiB, a character of text becomes up to six bytes of JSON, and some engines
 * pass no more than 65,535 arguments.
 */
const MAX_INPUT = 32 << 10;

/** After so long a command that was asked to end is killed, as by the workspace. */
const KILL_AFTER_MS = 2_000;

/** Input is delivered once, also if the connection breaks on the way. */
const RELIABLE = { mode: 'reliable' };

export class Terminal {
  #link;
  /** What starts it, and whether that was sent. */
  #execute;
  #isSent;
  #isRetried;
  #started = deferred();
  begun = this.#started.promise;
  #settled = deferred();
  exit = this.#settled.promise;
  #streams;
  #size;
  #queue = pieces();
  /** Up to where output was taken, has come, and is known to the workspace as taken. */
  #taken;
  #seen;
  #acked;
  #isRead;
  /** Output that nobody read was dropped; it is being fetched again. */
  #isDropped;
  #isRewinding;
  #isClosed;
  /** Up to where its output was there before this client. */
  #old;
  #hasEnded;
  /** The input before, and that of it which went in messages. */
  #typing = Promise.resolve();
  #messages = this.#typing;
  /** The bytes for a command with pipes. */
  #isCounted;
  #input = new CountedInput((at, bytes) => this.#link.sendBytes(this.#streams.stdin, at, bytes));
  /** Why input was refused, and why it is not known how the command ends. */
  #refused;
  #failure;

  /**
   * @param {{id: string | number, execute?: object, pid?: number, streams?: object, offset?: number, size?: object}} known
   *   `execute` is the command that starts it; without it, it runs already
   */
  constructor(link, { id, execute, pid, streams, offset, size }) {
    this.#link = link;
    this.id = id;
    this.pid = pid;
    this.#execute = execute;
    this.#streams = streams;
    this.#size = size;
    this.#isCounted = execute?.countInput;
    this.#taken = this.#seen = this.#acked = offset ?? 0;
    // Whoever names an offset goes on there; all else is a replay, up to the first "terminal:replayed".
    this.#old = execute || offset !== undefined ? 0 : Infinity;
    link.add(this);
  }

  /** In the order of the calls. Resolves when the workspace has it; counted bytes, when the command has taken them. */
  write(data) {
    const isText = typeof data === 'string';
    const isCounted = this.#isCounted && !isText;
    const typed = isText ? data : toBytes(data);
    const type = async () => {
      this.#check();
      if (isCounted && !this.#hasEnded) return this.#input.write(typed);
      for (let at = 0; at < typed.length && !this.#hasEnded; at += MAX_INPUT) {
        const piece = typed.slice(at, at + MAX_INPUT);
        const input = isText ? piece : btoa(String.fromCharCode(...piece));
        await this.#say('input', { input, encoding: isText ? 'utf8' : 'base64' }, RELIABLE);
      }
    };
    if (!isCounted) return this.#inTurn(type);
    // Behind messages, and not behind each other: they have an order of their own.
    return (this.#typing = this.#messages.catch(() => {}).then(type));
  }

  resize(cols, rows) {
    this.#check();
    // Without a connection it goes along when this is attached again.
    this.#size = { cols, rows };
    if (this.#link.isOpen) this.#say('resize', this.#size);
  }

  signal(name) {
    this.#check();
    this.#signal(name);
  }

  /** Behind all that was written. */
  eof() {
    this.#check();
    this.#inTurn(() => this.#say('eof', {}, RELIABLE)).catch(() => {});
  }

  /** The command goes on without this client. */
  async detach() {
    this.#leave(failure('DETACHED', 'it was detached'), true);
  }

  /** Nobody wants it any more, for this reason. */
  abandon(error) {
    this.#signal('SIGKILL');
    this.#leave(error);
  }

  /** Ends the command, as that of the package. What was not taken is dropped. */
  async close() {
    if (this.#hasEnded || this.#failure) return;
    this.#isClosed = true;
    this.#isRead = false;
    this.#queue.end();
    this.#acknowledge();
    let timer;
    const kill = (name) => {
      this.#signal(name);
      // Again and again: in a pseudo-terminal it gets what is in the foreground, and the shell remains.
      timer = this.#link.clock.setTimeout(() => kill('SIGKILL'), KILL_AFTER_MS);
    };
    kill('SIGTERM');
    await this.exit.catch(() => {});
    this.#link.clock.clearTimeout(timer);
  }

  [asyncDispose]() {
    return this.close();
  }

  get output() {
    return this.#bytes();
  }

  get chunks() {
    return this.#chunks();
  }

  #signal(signal) {
    this.#say('signal', { signal }, RELIABLE);
  }

  #leave(error, quietly) {
    if (this.#link.isOpen) this.#say('detach');
    this.ended(error, quietly);
  }

  #inTurn(send) {
    this.#messages = this.#typing = this.#typing.catch(() => {}).then(send);
    return this.#typing;
  }

  async *#bytes() {
    for await (const { data } of this.#chunks()) yield data;
  }

  async *#chunks() {
    this.#read(true);
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
      this.#read(false);
    }
  }

  #read(isRead) {
    this.#isRead = isRead;
    if (isRead && this.#isDropped) this.#rewind().catch((error) => this.ended(error));
    this.#acknowledge();
  }

  // What `attach` of an xterm needs.

  /** Gives its output to `sink` as it comes, in place of an iteration: `push(chunk)`, `end(error)`. No sink ends that. */
  pipe(sink) {
    this.#queue.pipe(sink);
    this.#read(Boolean(sink));
  }

  /** What was piped is taken, up to here. */
  took(offset) {
    this.#taken = Math.max(this.#taken, offset);
    this.#acknowledge();
  }

  /** Whether the next output is from before: somebody else has answered what it asks. */
  get isReplaying() {
    return this.#taken < this.#old;
  }

  // What the link calls.

  opened() {
    if (this.#isRewinding) return;
    if (this.#streams) this.#attach();
    else return this.#isSent ? this.#recover() : this.#launch();
  }

  broken() {
    this.#input.lost();
  }

  message(type, data) {
    if (type === 'terminal:started') {
      this.#know(data);
      this.#input.resume(0);
    } else if (type === 'terminal:replayed') {
      // What was replayed has come before this answer.
      if (data.truncated || this.#old === Infinity) this.#old = this.#seen;
      this.#isCounted = data.input >= 0;
      this.#input.resume(data.input);
      this.#started.resolve(this);
    } else if (type === 'terminal:ack') this.#input.taken(data.offset);
    else if (type === 'terminal:exit') {
      this.#hasEnded = true;
      this.#input.over();
      this.#settled.resolve(data);
      if (this.#isRewinding || this.#isDropped) return;
      this.#over();
      this.#queue.end();
    }
  }

  failed(error, command) {
    const isStart = command === 'terminal:execute';
    if (isStart && error.code === 'ID_IN_USE' && this.#isRetried) return this.#recover();
    if (isStart || command === 'terminal:attach') this.ended(error);
    // Input for a command that has ended is dropped.
    else if (error.code !== 'GONE') this.#refused = error;
  }

  ended(error, quietly) {
    this.#failure = error;
    this.#input.over(error);
    this.#over();
    this.#queue.end(quietly ? undefined : error);
    this.#started.reject(error);
    this.#settled.reject(error);
  }

  #launch() {
    this.#isRetried = this.#isSent;
    this.#isSent = true;
    return this.#say('execute', { acknowledge: 0, ...this.#execute });
  }

  #attach() {
    this.#bind();
    const acknowledge = (this.#acked = this.#isRead ? this.#taken : this.#seen);
    this.#say('attach', { offset: this.#seen, acknowledge, ...this.#size });
  }

  /** The connection broke before the answer to the command that starts it. */
  async #recover() {
    const row = (await list(this.#link)).find(({ id }) => id === this.id);
    if (!row) return this.#launch();
    if (row.nonce !== this.#execute.nonce) throw failure('ID_IN_USE', 'the id is in use');
    this.#know(row);
    this.#attach();
  }

  #know({ pid, streams }) {
    this.pid = pid;
    this.#streams = streams;
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
      if (this.#seen - this.#taken > MAX_UNREAD_BYTES && !this.#isClosed) {
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
    this.broken();
    if (this.#link.isOpen) this.#say('detach');
    // What comes before this answer is of the attachment that has ended.
    await list(this.#link);
    this.#isRewinding = this.#isDropped = false;
    this.#seen = this.#acked = this.#taken;
    this.#link.add(this);
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
  return new EventBuffer(Infinity, {});
}

/** The terminals of the workspace. */
export async function list(link) {
  return (await link.ask('terminal:list', {}, { again: true })).terminals;
}
