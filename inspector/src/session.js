// The page's connection and what it has heard.

import { EventClient } from '../../client/index.js';
import { EventStore } from './events/store.js';
import { Rates } from './overview/rates.js';
import { missing } from './words.js';

export class Session {
  store = new EventStore();
  rates = new Rates();
  gaps = { count: 0, missing: 0, last: undefined };
  state = { name: 'idle' };
  #client;
  #token;
  #position;
  #replayedTo = 0;
  #listeners = new Set();
  #base;

  /** @param {string} base where the listener is */
  constructor(base) {
    this.#base = base;
  }

  /** Tells of each new state. @returns {() => void} ends that */
  onState(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Connects with a token, and with the events that the page has not seen. Throws for what cannot be a token. */
  async connect(token) {
    const client = new EventClient({ url: this.#base, token, since: this.#position ?? 0 });
    const former = this.#client;
    this.#client = client;
    this.#token = token;
    client.on('event', (message) => this.#take(message));
    client.on('resumed', ({ data }) => (this.#replayedTo = Number(data?.to)));
    client.on('statechange', (state) => this.#client === client && this.#became(state));
    await former?.close();
    // The reason comes as a state.
    client.connect().catch(() => {});
  }

  async disconnect() {
    await this.#client?.close();
  }

  tryNow() {
    this.#client?.notifyResume();
  }

  /** The answer of one of the listener's routes, or `undefined`. */
  async get(path) {
    try {
      const headers = { authorization: `Bearer ${this.#token}` };
      const answer = await fetch(new URL(path, this.#base), { headers, cache: 'no-store' });
      return answer.ok ? await answer.text() : undefined;
    } catch {
      return undefined;
    }
  }

  #take(message) {
    const now = Date.now();
    this.store.push(message, now);
    if (message.type === 'gap' && message.seq === undefined) {
      this.gaps = {
        count: this.gaps.count + 1,
        missing: this.gaps.missing + missing(message.data),
        last: message.data,
      };
      return;
    }
    const time = Date.parse(message.timestamp);
    // An event from before the connection that does not say its time would be counted as one of now.
    if (!Number.isNaN(time)) this.rates.count(time);
    else if (!(message.seq <= this.#replayedTo)) this.rates.count(now);
  }

  #became(state) {
    this.state = state;
    if (state.name !== 'connecting') this.#position = this.#client.position ?? this.#position;
    for (const listener of this.#listeners) listener(state);
  }
}
