// The page's connection and what it has heard.

import { EventClient, SandboxClient } from '../../client/index.js';
import { Commands, failure } from './commands.js';
import { EventStore } from './events/store.js';
import { OwnConnections } from './own-connections.js';
import { Rates } from './overview/rates.js';
import { Traffic } from './ports/traffic.js';
import { isGap, missing } from './words.js';

/** How long the page waits for an answer: a process that is stopped accepts connections all the same. */
const ANSWER_MS = 10_000;

export class Session {
  store = new EventStore();
  rates = new Rates();
  traffic = new Traffic();
  gaps = { count: 0, missing: 0, last: undefined };
  state = { name: 'idle' };
  /** The connections that this page has made. */
  own = new OwnConnections();
  #client;
  #commands;
  #token;
  #position;
  #replayedTo = 0;
  #listeners = new Set();
  #readers = new Set();
  #base;
  /** How often a token was entered. */
  login = 0;

  /** @param {string} base where the listener is */
  constructor(base) {
    this.#base = base;
  }

  /** Tells of each new state. @returns {() => void} ends that */
  onState(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells of each event, and of each gap. @returns {() => void} ends that */
  onEvent(reader) {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Connects with a token, and with the events that the page has not seen. Throws for what cannot be a token. */
  async connect(token) {
    const since = this.#position ?? 0;
    const client = new EventClient({
      url: this.#base,
      token,
      since,
      WebSocket: this.own.makeClass(),
    });
    const former = this.#client;
    this.#client = client;
    this.#token = token;
    this.#commands = new Commands(client);
    this.login += 1;
    client.on('event', (message) => this.#take(message));
    client.on('resumed', ({ data }) => (this.#replayedTo = Number(data?.to)));
    client.on('statechange', (state) => this.#client === client && this.#became(state));
    await former?.close();
    // A token was entered twice.
    if (this.#client !== client) return;
    // The reason comes as a state.
    client.connect().catch(() => {});
  }

  /** A client of the workspace, which has a connection of its own. */
  makeSandbox() {
    return new SandboxClient({
      baseURL: this.#base,
      token: this.#token,
      WebSocket: this.own.makeClass(),
    });
  }

  async disconnect() {
    await this.#client?.close();
  }

  tryNow() {
    this.#client?.notifyResume();
  }

  /** What a command of the protocol is answered. Rejects with a `code`. */
  ask(type, data) {
    return this.#commands.ask(type, data);
  }

  /** The answer of one of the listener's routes, or `undefined`. */
  async get(path) {
    return this.request(path).catch(() => undefined);
  }

  /** The text that a route answers; with a body it is a POST. Rejects with a `code`. */
  async request(path, body) {
    const [answer, text] = await this.#fetch(path, body).catch(() => {
      throw failure('UNREACHABLE', 'the listener does not answer');
    });
    if (answer.ok) return text;
    let refusal = {};
    try {
      refusal = JSON.parse(text);
    } catch {
      // Something between the page and the listener has answered: its status is what is known.
    }
    throw failure(refusal.code, refusal.error ?? `the listener answers ${answer.status}`);
  }

  async #fetch(path, body) {
    const answer = await fetch(new URL(path, this.#base), {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return [answer, await answer.text()];
  }

  #take(message) {
    const now = Date.now();
    this.store.push(message, now);
    for (const reader of this.#readers) reader(message);
    if (isGap(message)) {
      this.gaps = {
        count: this.gaps.count + 1,
        missing: this.gaps.missing + missing(message.data),
        last: message.data,
      };
      return;
    }
    // What comes counts when it comes: clocks differ, and jump. Only an event from before the connection counts at the time
    // that it says, if it says one.
    if (!(message.seq <= this.#replayedTo)) this.rates.count(now, now);
    else this.rates.count(Date.parse(message.timestamp), now);
  }

  #became(state) {
    this.state = state;
    if (state.name !== 'connecting') this.#position = this.#client.position ?? this.#position;
    for (const listener of this.#listeners) listener(state);
  }
}
