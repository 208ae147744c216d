// What the events' view shows: which filter, up to where, which one is chosen. It outlives the view.

import { Matches } from './matches.js';

export class EventsModel {
  type = '';
  text = '';
  selected;
  /** The place before which the list ends, while it is paused. */
  pausedAt;
  /** Another one for each filter: two may let through as many. */
  version = 0;
  #store;
  #matches;
  #listeners = new Set();

  /** @param {import('./store.js').EventStore} store */
  constructor(store) {
    this.#store = store;
  }

  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed() {
    for (const listener of this.#listeners) listener();
  }

  get isPaused() {
    return this.pausedAt !== undefined;
  }

  togglePause() {
    this.pausedAt = this.isPaused ? undefined : this.#store.end;
    this.#changed();
  }

  filter(type, text) {
    this.version += 1;
    this.type = type;
    this.text = text;
    this.#matches =
      type === '' && text === '' ? undefined : new Matches(this.#store, { type, text });
    this.#changed();
  }

  select(place) {
    this.selected = place;
    this.#changed();
  }

  clear() {
    this.#store.clear();
    this.selected = undefined;
    this.pausedAt = undefined;
    this.filter(this.type, this.text);
  }

  /** Looks for matches, for a part of a frame. */
  step() {
    this.#matches?.step();
  }

  /** How many events the filter has not looked at. */
  get behind() {
    return this.#matches?.behind ?? 0;
  }

  get dropped() {
    return this.#matches ? this.#matches.dropped : this.#store.first;
  }

  get length() {
    const end = this.pausedAt ?? Infinity;
    if (this.#matches) return this.isPaused ? this.#matches.indexOf(end) : this.#matches.length;
    return Math.max(0, Math.min(end, this.#store.end) - this.#store.first);
  }

  at(index) {
    return this.#matches ? this.#matches.at(index) : this.#store.first + index;
  }

  indexOf(place) {
    if (this.#matches) return this.#matches.indexOf(place);
    return Math.max(0, place - this.#store.first);
  }
}
