// The operations of git and of snapshots that any client has begun, as the events tell of them.

import { Observable } from './observable.js';

/** So many that have ended are kept; the listener runs 16 of each kind at most. */
const KEPT = 12;
/** And so many that run: their end may have been lost. */
const MOST = 64;

const TOPICS = ['git:', 'snapshot:'];

const ENDS = {
  __proto__: null,
  'git:complete': 'done',
  'git:error': 'failed',
  'snapshot:created': 'done',
  'snapshot:restored': 'done',
};

/** What is kept of a text: as much as a path has at most. */
const MAX_TEXT = 4096;
const cut = (value) => (typeof value === 'string' ? value.slice(0, MAX_TEXT) : value);

/** The application may publish events of these names with anything in them, also what is no text and cannot be made one. */
export const simple = (data) =>
  Object.fromEntries(
    Object.entries(data ?? {})
      .filter(([, value]) => Object(value) !== value)
      .map(([name, value]) => [name, cut(value)]),
  );

export class Operations extends Observable {
  /** By id, oldest first: `{ id, topic, state, data, end?, result? }`. */
  #all = new Map();
  #listeners = new Set();
  /** What this page has begun, by id: the events do not say which command it was. */
  #names = new Map();

  constructor(session) {
    super();
    session.onEvent((message) => this.#take(message));
  }

  /** Those of a topic: those that run, then the others, the newest first. */
  of(topic) {
    const all = [...this.#all.values()].filter((one) => one.topic === topic).toReversed();
    const [running, ended] = [true, false].map((runs) =>
      all.filter(({ state }) => (state === 'running') === runs),
    );
    return [...running, ...ended].map((one) => ({ ...one, name: this.#names.get(one.id) }));
  }

  /** Says what an operation of this page is. Gives it back. */
  name(name, operation) {
    this.#names.set(operation.id, name);
    if (this.#names.size > MOST) this.#names.delete(this.#names.keys().next().value);
    return operation;
  }

  /** Tells of each end. */
  onEnd(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take({ type, data: anything }) {
    if (type === 'gap') return this.#lost();
    // Thousands of others may come a second.
    if (!TOPICS.some((topic) => type.startsWith(topic))) return;
    const data = simple(anything);
    if (data.id === undefined) return;
    const [topic, what] = type.split(':');
    const key = `${topic} ${data.id}`;
    const known = this.#all.get(key) ?? { id: data.id, topic, data: {} };
    const ended = what === 'progress' && data.phase === 'failed' ? 'failed' : ENDS[type];
    if (what !== 'progress' && !ended) return;
    // The end is behind the others in the list, and the newest.
    if (ended || !this.#all.has(key)) this.#all.delete(key);
    this.#all.set(key, {
      ...known,
      state: ended ?? 'running',
      data: what === 'progress' ? data : known.data,
      end: ended && type,
      result: ended && data,
    });
    this.#bound();
    this.changed();
    if (ended) for (const listener of this.#listeners) listener(topic, data.id);
  }

  /** Messages are missing: nobody knows how those ended that ran. */
  #lost() {
    for (const [key, one] of this.#all)
      if (one.state === 'running') this.#all.set(key, { ...one, state: 'unknown' });
    this.changed();
  }

  #bound() {
    const ended = [...this.#all].filter(([, { state }]) => state !== 'running');
    for (const [key] of ended.slice(0, -KEPT)) this.#all.delete(key);
    const [oldest] = this.#all.keys();
    if (this.#all.size > MOST) this.#all.delete(oldest);
  }
}
