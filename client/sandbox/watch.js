// A watch: which files change, as `workspace.watch` tells it. It is asked for again after a reconnect.

import { asyncDispose } from '../dispose.js';
import { deferred } from '../deferred.js';
import { failure, onAborted } from './link/failure.js';
import { EventBuffer } from '../iterate.js';

/** How many changes wait to be taken, as for the application's own watches. More become one `overflow`. */
const MAX_WAITING = 16_384;

export class FileWatch {
  #link;
  #data;
  #settled = deferred();
  ready = this.#settled.promise;
  #isReady;
  /** Changes were dropped since too many waited. */
  #isBehind;
  #buffer;
  #forget = () => {};

  constructor(link, paths, { signal, events, ignore } = {}) {
    this.id = link.id();
    this.#link = link;
    this.#data = { id: this.id, paths: [paths].flat(), events, ignore, tagged: true };
    this.#buffer = new EventBuffer(MAX_WAITING, {
      room: () => this.#isBehind && this.overflow(),
      stop: () => this.#stop(),
    });
    this.#forget = onAborted(signal, (error) => this.#stop(error));
    if (signal?.aborted) return;
    link.begin(this);
  }

  async close() {
    this.#buffer.return();
  }

  [asyncDispose]() {
    return this.close();
  }

  [Symbol.asyncIterator]() {
    return this.#buffer;
  }

  // What the link calls.

  opened() {
    return this.#link.send('file:watch', this.#data);
  }

  message(type, data) {
    if (type === 'file:watching') {
      this.#settled.resolve(data);
      // Nobody has watched while there was no connection.
      this.overflow();
      this.#isReady = true;
    } else if (type === 'file:changed') {
      const { ignored: _, replaced: __, ...change } = data;
      this.#push(change);
    }
  }

  overflow(path = '.') {
    if (!this.#isReady) return;
    const timestamp = new Date(this.#link.clock.now()).toISOString();
    this.#isBehind = false;
    this.#push({ path, changeType: 'overflow', size: 0, timestamp, isDirectory: true });
  }

  gap() {
    this.overflow();
  }

  ended(error) {
    this.#link.remove(this);
    this.#forget();
    this.#settled.reject(error);
    this.#buffer.end(error);
  }

  #push(change) {
    if (this.#buffer.isFull) this.#isBehind = true;
    else this.#buffer.push(change);
  }

  #stop(error) {
    const { id } = this;
    if (this.#link.has(id) && this.#link.isOpen) this.#link.send('file:unwatch', { id });
    this.ended(error ?? failure('GONE', 'the watch was closed'));
  }
}
