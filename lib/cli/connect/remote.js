// A connection to a listener that is made again whenever it is lost: the client of `loopwire/client` over a socket of the
// command line, with the reasons of that socket.
'use strict';

const { EventClient } = require('../../../client/index.cjs');
const { Problem } = require('../problem.js');
const { socketClass } = require('./socket.js');

/** Somebody waits at a keyboard or in a script: the first retry comes at once, and none waits for long. */
const RETRIES = { baseDelayMs: 250, maxDelayMs: 2_000, stableMs: 500 };
/** How long a lost connection is tried again: as long as a listener keeps a command that nobody is attached to. */
const PATIENCE_MS = 5 * 60_000;
/** An outage that is longer than this is told. */
const NOTE_MS = 2_000;

class Remote {
  #client;
  #socket;
  #place;
  #opened = false;
  #closing = false;
  #told = false;
  #note;
  #patienceMs;
  #timers = [];
  #requests = new Map();
  #asked = 0;
  #fail;
  /** Rejects with a problem when there is no connection and will be none. */
  failed = new Promise((_, reject) => (this.#fail = reject));

  /**
   * @param {Record<string, any>} where the listener (listener.js)
   * @param {{binary?: boolean, note?: (text: string, what?: {isAway: boolean}) => void, patienceMs?: number}} [options] `note` is told about long
   *   outages; `patienceMs` is how long an outage may last
   */
  constructor(where, { binary = false, note = () => {}, patienceMs = PATIENCE_MS } = {}) {
    const host = where.host.includes(':') ? `[${where.host}]` : where.host;
    this.#place = `${where.secure ? 'wss' : 'ws'}://${host}:${where.port}`;
    this.#note = note;
    this.#patienceMs = patienceMs;
    const remote = this;
    const WebSocket = class extends socketClass(where) {
      constructor(url, protocols) {
        super(url, protocols);
        remote.#socket = this;
      }
    };
    this.#client = new EventClient({
      url: `${this.#place}${where.path}`,
      token: where.token,
      binary,
      WebSocket,
      // The socket knows why it failed; nothing has to be asked over HTTP.
      fetch: () => Promise.reject(new Error('not asked')),
      ...RETRIES,
    });
    this.failed.catch(() => {});
    this.#client.on('statechange', (state) => this.#became(state));
    this.#client.on('message', (message) => this.#answer(message));
  }

  get isOpen() {
    return this.#client.state.name === 'open';
  }

  /** Whether the connection is lost, for so long that it was told. */
  get isAway() {
    return this.#told;
  }

  /** Hears `name` of the client; `open` is each connection, also the next ones. */
  on(name, hear) {
    if (name !== 'open') this.#client.on(name, hear);
    else this.#client.on('statechange', (state) => state.name === 'open' && hear());
  }

  start() {
    this.#client.connect().catch(() => {});
  }

  /** Sends a command; `mode` as in the client: `reliable`, `latest` or `drop`. */
  send(type, data, options) {
    return this.#client.send({ type, data }, options);
  }

  /** Sends bytes on the present connection. False if there is none. */
  sendBinary(stream, offset, bytes) {
    if (!this.isOpen || this.#socket.readyState !== 1) return false;
    this.#client.sendBinary(stream, offset, bytes);
    return true;
  }

  /** Reads nothing more until `resume()`, so that the listener waits. */
  pause() {
    this.#socket?.pause();
  }

  resume() {
    this.#socket?.resume();
  }

  /**
   * Sends a command, and resolves to the data of its reply. One that may be carried out twice is sent again when the connection is
   * lost; of any other it is not known then whether it was carried out.
   *
   * @param {string} type @param {Record<string, any>} [data] @param {{repeat?: boolean}} [options]
   */
  request(type, data = {}, { repeat = false } = {}) {
    this.#asked += 1;
    const id = `cli-${this.#asked}`;
    const send = () =>
      this.#client.send({ type, data: { ...data, id } }, { mode: 'latest', key: id });
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject, again: repeat ? send : undefined });
      send();
    });
  }

  /** Ends it; nothing is told of that. */
  async close() {
    this.#closing = true;
    this.#clear();
    await this.#client.close();
  }

  #answer({ type, data }) {
    const asked = this.#requests.get(data?.id);
    if (!asked) return;
    this.#requests.delete(data.id);
    const { id: _, ...rest } = data;
    if (type === 'error') asked.reject(new Problem(`${this.#place}: ${data.message}`));
    else asked.resolve(rest);
  }

  #became(state) {
    if (this.#closing) return undefined;
    const why = () => `${this.#place}: ${this.#socket?.failure ?? state.reason.message}`;
    if (state.name === 'open') {
      // The first one is sent by the client.
      if (this.#opened) for (const { again } of this.#requests.values()) again?.();
      this.#opened = true;
      this.#clear();
      if (this.#told) this.#note('connected again');
      this.#told = false;
    } else if (state.name === 'waiting') {
      for (const [id, { reject, again }] of this.#requests) {
        if (again) continue;
        this.#requests.delete(id);
        reject(new Problem(`${why()}; it is not known whether the command was carried out`));
      }
      // As with `tail`, the first connection has to succeed.
      if (!this.#opened || this.#socket?.permanent) return this.#end(why());
      if (this.#timers.length > 0) return undefined;
      this.#timers.push(setTimeout(() => this.#tell(why()), NOTE_MS));
      if (this.#patienceMs === Infinity) return undefined;
      const late = `no connection for ${this.#patienceMs / 60_000} minutes`;
      this.#timers.push(setTimeout(() => this.#end(`${late}; ${why()}`), this.#patienceMs));
    } else if (state.name === 'closed') this.#end(why());
    return undefined;
  }

  #tell(why) {
    this.#told = true;
    this.#note(`${why}; trying again`, { isAway: true });
  }

  #end(why) {
    this.#fail(new Problem(why));
    void this.close();
  }

  #clear() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }
}

module.exports = { Remote };
