// A client that shows a terminal: a screen, the offset up to which it has seen the output, and a connection
// that it makes again, where it may break, from that offset on.
'use strict';

const WebSocket = require('ws');
const { opened } = require('../channel/client.cjs');
const { Screen } = require('./screen.cjs');

/** A slow machine takes its time; only what never comes is waited for so long. */
const PATIENCE_MS = 60_000;
const HEAD_BYTES = 12;

class Viewer {
  /** Up to where the output has come. */
  offset = 0;
  /** Up to where it is on the screen. */
  shown = 0;
  exits = [];
  replays = [];
  /** What may never happen. */
  faults = [];
  connections = 0;
  streams;
  #waiting = new Set();
  #over = false;
  #greeting;
  #anywhere;
  #options;

  /**
   * @param {{port: number, host?: string, token: string, binary?: boolean, id: string, cols: number, rows: number, steady?: boolean, execute?: object, streams?: object, truncated?: boolean}} options
   *   `host` is the name by which it calls the listener, `execute` what it starts; without that it attaches.
   *   `truncated` if the beginning of the output is gone: it counts from the first byte that it gets
   */
  constructor(options) {
    this.#options = options;
    const { cols, rows, execute, streams, id } = options;
    this.streams = streams;
    // One screen is the user's: what the other one says of itself would be typed in as well.
    const answer = execute && ((text) => this.type(text));
    this.screen = new Screen({ cols, rows, answer });
    const data = execute && { ...execute, id, pty: true, cols, rows };
    this.#greeting = execute
      ? () => ({ type: 'terminal:execute', data })
      : () => ({ type: 'terminal:attach', data: { id, offset: this.offset } });
    this.#anywhere = options.truncated === true;
    this.#connect();
  }

  type(text) {
    this.say({ type: 'terminal:input', data: { id: this.#options.id, input: text } });
  }

  say(message) {
    this.socket.send(JSON.stringify(message));
  }

  /** Waits for whatever comes next: output, a connection that breaks, an end. */
  moved() {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, PATIENCE_MS);
      this.#waiting.add(go);
    });
  }

  /** Waits until something is so. @param {() => boolean} so */
  until(so) {
    return patient(so, [this]);
  }

  toJSON() {
    const { offset, shown, connections, exits, faults } = this;
    return { offset, shown, connections, exits, faults };
  }

  end() {
    this.#over = true;
    this.socket.terminate();
    this.#move();
  }

  #connect() {
    const { port, host = `127.0.0.1:${port}`, token, binary, steady } = this.#options;
    const url = `ws://127.0.0.1:${port}/?token=${token}${binary ? '&binary=true' : ''}`;
    const socket = new WebSocket(url, { headers: { host } });
    this.socket = socket;
    this.connections += 1;
    opened(socket, () => this.end());
    socket.on('open', () => this.say(this.#greeting()));
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.#bytes(data);
      else this.#message(JSON.parse(data));
      this.#move();
    });
    // A `close` follows.
    socket.on('error', () => {});
    socket.on('close', (code) => {
      if (this.#over) return;
      if (steady) this.faults.push(`the steady connection was closed: ${code}`);
      else this.#connect();
      this.#move();
    });
  }

  #message({ type, data }) {
    switch (type) {
      case 'terminal:output':
        if (this.#options.binary) this.faults.push('text on a binary connection');
        this.#output(data.offset, data.end, data.output);
        break;
      case 'terminal:started':
        this.streams = data.streams;
        break;
      case 'terminal:exit':
        this.exits.push(data);
        break;
      case 'terminal:replayed':
        this.replays.push(data);
        if (data.truncated && !this.#options.truncated) this.faults.push('the replay was cut');
        break;
      case 'ping':
        break;
      default:
        this.faults.push(`${type} ${JSON.stringify(data)}`);
    }
  }

  #bytes(frame) {
    const stream = frame.readUInt32BE(0);
    const offset = Number(frame.readBigUInt64BE(4));
    const bytes = frame.subarray(HEAD_BYTES);
    if (stream !== this.streams.stdout) this.faults.push(`stream ${stream}`);
    this.#output(offset, offset + bytes.length, bytes);
  }

  async #output(offset, end, data) {
    if (this.#anywhere) this.offset = offset;
    this.#anywhere = false;
    if (offset !== this.offset) this.faults.push(`${offset} came where ${this.offset} was next`);
    this.offset = end;
    await this.screen.write(data);
    this.shown = end;
    this.#move();
  }

  #move() {
    for (const go of this.#waiting) go();
  }
}

/** Waits until something is so, looking whenever one of them has moved. */
async function patient(so, viewers) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!so()) {
    if (Date.now() >= deadline) {
      const seen = viewers.map((one) => `${JSON.stringify(one)}\n${one.screen.text}`);
      throw new Error(`not so after ${PATIENCE_MS} ms: ${so}\n${seen.join('\n\n')}`);
    }
    await Promise.race(viewers.map((one) => one.moved()));
  }
}

/**
 * Waits until two viewers have seen the same of the output, and `so`; then both screens can be compared.
 *
 * @param {Viewer} one
 * @param {Viewer} other
 * @param {() => boolean} so
 */
async function met(one, other, so) {
  const same = () =>
    one.offset === other.offset && one.shown === one.offset && other.shown === other.offset;
  await patient(() => same() && so(), [one, other]);
  return [one.screen.picture, other.screen.picture];
}

module.exports = { Viewer, met };
