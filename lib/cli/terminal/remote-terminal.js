// A terminal at a listener, over as many connections as it takes: its output comes once and in order, and its input arrives
// once.
'use strict';

const crypto = require('node:crypto');
const { Problem } = require('../problem.js');
const { Outgoing } = require('./outgoing.js');

/** An acknowledgement for so many bytes that were written: a fraction of what a listener holds, and few messages. */
const ACKNOWLEDGE_BYTES = 64 << 10;
/** How much output may wait here before the connection is read no further. */
const MOST_WAITING_BYTES = 1 << 20;

/** What a listener says of the directory to run in. */
const OF_DIRECTORY = new Set(['NOT_FOUND', 'NOT_A_DIRECTORY', 'PATH_OUTSIDE', 'PATH_INVALID']);

const LOST = 'output was lost: the listener no longer holds it';

class RemoteTerminal {
  #remote;
  #spec;
  #id;
  #write;
  #tellReady;
  #streams;
  #begun = false;
  #asked = false;
  /** How much output has come, was written, and was acknowledged. */
  #offset;
  #written = 0;
  #acknowledged = 0;
  #queue = [];
  /** Output that came before the numbers of its streams: no more than a listener holds of one terminal. */
  #unnamed = [];
  #waiting = 0;
  #writing = false;
  #ended;
  #early = [];
  #settle;
  #size;
  /** Resolves to the data of `terminal:exit`, when all output before it was written; rejects with a problem. */
  exit = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  /** The bytes that the command reads, if they are counted; typed text goes by `type`. */
  input;

  /**
   * @param {import('../connect/remote.js').Remote} remote
   * @param {{id?: string | number, spec?: Record<string, any>, size?: {cols: number, rows: number}}} what an id to attach
   *   to, or what to run
   * @param {{write: (source: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void>, ready?: () => void}} on `ready` is
   *   told on each connection, before output that came with it
   */
  constructor(remote, { id, spec, size }, { write, ready = () => {} }) {
    this.#remote = remote;
    this.#spec = spec;
    this.#id = id ?? `exec-${crypto.randomUUID()}`;
    this.#write = write;
    this.#tellReady = ready;
    this.#size = size;
    this.#offset = spec ? 0 : undefined;
    this.exit.catch(() => {});
    const end = () => remote.send('terminal:eof', { id: this.#id }, { mode: 'drop' });
    this.input = new Outgoing((at, bytes) => this.#sendInput(at, bytes), end);
    const mine = (name, hear) =>
      remote.on(name, ({ data }) => data?.id === this.#id && hear.call(this, data));
    mine('terminal:started', this.#start);
    mine('terminal:replayed', this.#replayed);
    mine('terminal:ack', ({ offset }) => this.input.taken(offset));
    mine('terminal:exit', this.#exited);
    mine('error', this.#refused);
    remote.on('binary', (frame) => this.#receive(frame));
    remote.on('open', () => this.#connected());
    remote.on('statechange', ({ name }) => name !== 'open' && this.input.lost());
    remote.failed.catch((error) => this.#settle.reject(error));
    if (remote.isOpen) this.#connected();
  }

  /** Whether a signal can be sent, now or when it has started. */
  get isAsked() {
    return this.#asked;
  }

  signal(name) {
    if (this.#begun) void this.#remote.send('terminal:signal', { id: this.#id, signal: name });
    else this.#early.push(name);
  }

  resize(size) {
    this.#size = size;
    if (!this.#begun) return;
    const data = { id: this.#id, ...size };
    void this.#remote.send('terminal:resize', data, { mode: 'latest', key: 'resize' });
  }

  /** Types text. It arrives once, and resolves when the listener has it. */
  type(text) {
    return this.#remote.send('terminal:input', { id: this.#id, input: text });
  }

  eof() {
    return this.#remote.send('terminal:eof', { id: this.#id });
  }

  detach() {
    this.#remote.send('terminal:detach', { id: this.#id }, { mode: 'drop' });
  }

  #connected() {
    if (this.#ended) return;
    if (this.#spec && !this.#asked) this.#execute();
    else this.#attach();
    this.#asked = true;
  }

  #execute() {
    const data = { ...this.#spec, ...this.#size, id: this.#id, acknowledge: 0, countInput: true };
    void this.#remote.send('terminal:execute', data, { mode: 'latest', key: 'begin' });
  }

  #attach() {
    const data = {
      id: this.#id,
      offset: this.#offset,
      // What a command of ours has put out waits for us; a terminal of others does not.
      ...(this.#spec && { acknowledge: this.#written }),
      ...this.#size,
    };
    void this.#remote.send('terminal:attach', data, { mode: 'latest', key: 'begin' });
    this.#acknowledge();
  }

  #start({ streams }) {
    this.#ready(streams);
    this.input.resume(0);
  }

  #replayed({ streams, input, truncated, from }) {
    if (truncated && this.#spec) this.#settle.reject(new Problem(LOST));
    if (truncated && this.#streams) this.#offset = from;
    if (!streams) return;
    this.#ready(streams);
    this.input.resume(input ?? 0);
  }

  #ready(streams) {
    this.#streams = streams;
    this.#begun = true;
    this.#tellReady();
    for (const frame of this.#unnamed.splice(0)) this.#receive(frame);
    for (const name of this.#early.splice(0)) this.signal(name);
  }

  #sendInput(offset, bytes) {
    return this.#streams ? this.#remote.sendBinary(this.#streams.stdin, offset, bytes) : false;
  }

  #receive(frame) {
    // A replay comes before the numbers of its streams.
    if (!this.#streams) return void this.#unnamed.push(frame);
    const { stream, offset, bytes } = frame;
    const source = ['stdout', 'stderr'].find((name) => this.#streams[name] === stream);
    if (!source) return undefined;
    if (this.#spec && offset > this.#offset) return this.#settle.reject(new Problem(LOST));
    const skip = Math.max(0, (this.#offset ?? offset) - offset);
    if (skip >= bytes.length) return undefined;
    const rest = bytes.subarray(skip);
    this.#offset = offset + bytes.length;
    this.#queue.push({ source, bytes: rest, end: this.#offset });
    this.#waiting += rest.length;
    if (this.#waiting > MOST_WAITING_BYTES) this.#remote.pause();
    if (!this.#writing) void this.#flush();
    return undefined;
  }

  async #flush() {
    this.#writing = true;
    try {
      while (this.#queue.length > 0) {
        const { source, bytes, end } = this.#queue.shift();
        await this.#write(source, bytes);
        this.#waiting -= bytes.length;
        if (this.#waiting <= MOST_WAITING_BYTES / 2) this.#remote.resume();
        this.#written = end;
        const due = this.#written - this.#acknowledged >= ACKNOWLEDGE_BYTES;
        if (due || this.#queue.length === 0) this.#acknowledge();
      }
      if (this.#ended) this.#settle.resolve(this.#ended);
    } catch (error) {
      this.#settle.reject(error);
    } finally {
      this.#writing = false;
    }
  }

  #acknowledge() {
    this.#acknowledged = this.#written;
    const data = { id: this.#id, offset: this.#written };
    void this.#remote.send('terminal:ack', data, { mode: 'latest', key: 'ack' });
  }

  #exited(data) {
    this.#ended = data;
    if (!this.#writing) void this.#flush();
  }

  #refused({ command, code, message }) {
    const sent = command?.replace('terminal:', '');
    if (sent === 'execute' && code === 'ID_IN_USE') return this.#attach();
    if (sent === 'attach' && code === 'GONE' && this.#spec && !this.#begun) return this.#execute();
    // What else is said to a command that has just ended is of no use, and does no harm.
    if (!['execute', 'attach', 'input'].includes(sent)) return undefined;
    if (sent === 'input' && code === 'GONE') return undefined;
    if (sent === 'attach' && code === 'GONE' && this.#begun) {
      const why = 'it was restarted, or the connection was lost for too long';
      return this.#settle.reject(new Problem(`the listener no longer has the command: ${why}`));
    }
    const { cwd } = this.#spec ?? {};
    const ofDirectory = sent === 'execute' && cwd !== undefined && OF_DIRECTORY.has(code);
    return this.#settle.reject(new Problem(ofDirectory ? `${cwd}: ${message}` : message));
  }
}

module.exports = { RemoteTerminal };
