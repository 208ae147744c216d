// A command that has one answer, and perhaps the contents of a file before it. Without a type it asks for nothing, and is
// answered when the connection is open.

import { failure, onAborted } from './failure.js';
import { deferred } from '../../deferred.js';

export class Request {
  #link;
  #type;
  #data;
  #options;
  #settled = deferred();
  answer = this.#settled.promise;
  #isSent;
  #timer;
  /** What waits to be sent is not sent once this is over. */
  #gone = new AbortController();

  /**
   * @param {{again?: boolean, signal?: AbortSignal, opened?: (data: object) => void, broken?: () => void}} [options] `again`:
   *   it may be sent again if the connection breaks before the answer, since it has no effect or the same one. `opened` gets
   *   the `file:opened` of a transfer
   */
  constructor(link, type, data, options = {}) {
    this.id = link.id();
    this.#link = link;
    this.#type = type;
    this.#data = { ...data, id: this.id };
    this.#options = options;
    this.#wait();
    link.add(this);
    const forget = onAborted(options.signal, (error) => this.ended(error));
    this.answer.then(forget, forget);
  }

  opened() {
    this.#link.clock.clearTimeout(this.#timer);
    this.#isSent = true;
    if (!this.#type) return this.#done();
    // It rejects if too much waits.
    return this.#link.send(this.#type, this.#data, { signal: this.#gone.signal });
  }

  broken() {
    this.#options.broken?.();
    if (this.#isSent && !this.#options.again) {
      const sentence = `the connection was lost: nobody knows whether ${this.#type} was done`;
      this.ended(failure('CONNECTION_LOST', sentence));
    } else this.#wait();
  }

  message(type, data) {
    if (type === 'file:opened') this.#options.opened?.(data);
    else this.#done(data);
  }

  ended(error) {
    if (this.#gone.signal.aborted) return;
    this.#options.broken?.();
    this.#over();
    this.#settled.reject(error);
  }

  #done(data) {
    this.#over();
    this.#settled.resolve(data);
  }

  #over() {
    this.#link.clock.clearTimeout(this.#timer);
    this.#link.remove(this);
    this.#gone.abort();
  }

  /** A listener that is away for long is told: nobody should wait for a list for ever. */
  #wait() {
    const { clock, timeoutMs } = this.#link;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.ended(this.#link.late()), timeoutMs);
  }
}
