// A React hook for the events of a listener. Copy it into your application.
//
//   const { state, events, send } = useLoopwire('ws://127.0.0.1:4000', token);
//
// All components with the same URL and token share one connection, which exists while one of them is mounted. What they render is
// one object that never changes, so two of them never show different things (React calls that tearing).

import { useSyncExternalStore } from 'react';
import { EventClient } from 'loopwire/client';

/** How many of the latest events are kept for rendering. */
const KEPT_EVENTS = 100;

/** By URL and token, while somebody is mounted. */
const stores = new Map();

class Store {
  #key;
  #options;
  #client;
  #listeners = new Set();
  #snapshot;

  constructor(key, options) {
    this.#key = key;
    this.#options = options;
    // React may never mount what it has rendered, so a client is made only when somebody listens.
    this.#snapshot = { state: { name: 'idle' }, events: [], send: this.send };
  }

  getSnapshot = () => this.#snapshot;

  subscribe = (listener) => {
    this.#listeners.add(listener);
    if (!this.#client) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  send = (message, options) => {
    if (!this.#client) throw new Error('no component is mounted that uses this connection');
    return this.#client.send(message, options);
  };

  #open() {
    stores.set(this.#key, this);
    const client = new EventClient(this.#options);
    this.#client = client;
    const change = (made) => {
      // One that was left has nothing to say.
      if (client !== this.#client) return;
      this.#snapshot = { ...this.#snapshot, ...made };
      for (const listener of this.#listeners) listener();
    };
    client.on('statechange', (state) => change({ state }));
    client.on('event', (event) => {
      change({ events: [...this.#snapshot.events, event].slice(-KEPT_EVENTS) });
    });
    // The state says it.
    client.connect().catch(() => {});
  }

  #close() {
    // StrictMode unmounts each component once and mounts it again: that goes on behind the last event.
    this.#options = { ...this.#options, since: this.#client.position ?? undefined };
    void this.#client.close();
    this.#client = undefined;
    stores.delete(this.#key);
  }
}

export function useLoopwire(url, token) {
  const key = `${url} ${token}`;
  if (!stores.has(key)) stores.set(key, new Store(key, { url, token }));
  const { subscribe, getSnapshot } = stores.get(key);
  return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
}
