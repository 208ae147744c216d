// An operation of git or of snapshots: it goes on without a connection, and events tell how far it is and how it ends.

import { Latest } from './latest.js';
import { aborted, failure, onAborted } from './failure.js';
import { deferred } from '../../deferred.js';

/**
 * How long an operation of which nothing was heard when the connection broke may be silent after the connection is back. One
 * that runs is told of at least once a second, so it was not begun, or its refusal was lost.
 */
const CONFIRM_MS = 10_000;

class Operation {
  progress = new Latest();
  #link;
  #type;
  #data;
  #options;
  #settled = deferred();
  answer = this.#settled.promise;
  #isSent;
  #isHeard;
  #isCancelled;
  #timer;
  #cause;

  constructor(link, type, data, options) {
    this.id = data.id ?? link.id();
    this.#link = link;
    this.#type = type;
    this.#data = { ...data, id: this.id };
    this.#options = options;
    const { signal } = options;
    if (signal?.aborted) return this.ended(aborted(signal));
    if (link.has(this.id)) {
      return this.ended(failure('ID_IN_USE', 'the id is in use'));
    }
    link.begin(this);
    const forget = onAborted(signal, (error) => {
      // A snapshot cannot be stopped from here: only the waiting ends.
      if (this.#options.cancel) this.cancel();
      else this.ended(error);
    });
    this.answer.then(forget, forget);
  }

  cancel() {
    this.#isCancelled = true;
    if (this.#isSent && this.#link.isOpen) this.#link.send('git:cancel', { id: this.id });
    else if (!this.#isSent) this.ended(failure('CANCELLED', 'the operation was cancelled'));
  }

  opened() {
    if (!this.#isSent) {
      this.#isSent = true;
      return this.#link.send(this.#type, this.#data);
    }
    if (this.#isCancelled) this.cancel();
    if (!this.#isHeard) this.#timer = this.#link.clock.setTimeout(() => this.gap(), CONFIRM_MS);
  }

  broken() {
    this.#link.clock.clearTimeout(this.#timer);
  }

  /** Events are lost, among them perhaps its end. */
  gap() {
    const sentence = `messages were lost: nobody knows whether ${this.#type} was done`;
    if (this.#isSent) this.ended(failure('OUTCOME_UNKNOWN', sentence));
  }

  message(type, data) {
    const [topic, what] = type.split(':');
    // An event of the application may have the same id.
    if (!this.#type.startsWith(`${topic}:`)) return;
    this.#isHeard = true;
    this.broken();
    if (what === 'progress') {
      if (data.phase !== 'failed') this.progress.set(data);
    } else if (what === 'credentialsRequired') this.#asked(data);
    else if (what === 'error') this.ended(failure(data.code, data.message));
    else {
      this.#over();
      this.#settled.resolve(data);
    }
  }

  failed(error, command) {
    // The answer to a cancel that came too late: the end is under way.
    if (command !== 'git:cancel') this.ended(error);
  }

  ended(error) {
    const { signal } = this.#options;
    this.#over();
    if (signal?.aborted && error.code === 'CANCELLED') error = aborted(signal);
    if (this.#cause) error.cause = this.#cause;
    this.#settled.reject(error);
  }

  async #asked(question) {
    let answer;
    try {
      answer = await this.#options.onCredentials?.({ id: this.id, ...question });
    } catch (error) {
      this.#cause ??= error;
    }
    if (this.#link.has(this.id)) {
      this.#link.send('git:credentials', { ...(answer ?? { cancel: true }), id: this.id });
    }
  }

  #over() {
    this.broken();
    this.#link.remove(this);
    this.progress.end();
  }
}

/** Starts an operation: a Promise with `id`, `progress` and `cancel`. */
export function operate(link, type, data, options = {}) {
  const operation = new Operation(link, type, data, options);
  return Object.assign(operation.answer, {
    id: operation.id,
    progress: operation.progress,
    ...(options.cancel && { cancel: () => operation.cancel() }),
  });
}
