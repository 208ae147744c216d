// What the listener is asked while somebody looks: at intervals, and soon after something has happened. A hidden window repeats nothing.

import { useEffect, useRef, useState } from 'preact/hooks';

/** How often: most of what is shown has no event that tells of it. */
const ASK_MS = 2000;
/** Events come by thousands: they are one question together. */
const SOON_MS = 250;

/** Asks from its construction to its `end`, and never twice at a time. `tell` gets each answer, `{value}` or `{error}`. */
export class Poll {
  #ask;
  #tell;
  #running;
  #next;
  #timer;
  #isSoon = false;
  #ended = false;

  constructor(ask, tell) {
    this.#ask = ask;
    this.#tell = tell;
    document.addEventListener('visibilitychange', this.#seen);
    this.now();
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#seen);
  }

  /** Resolves when a question that begins from now on has been answered. */
  now() {
    this.#next ??= this.#afterThis();
    return this.#next;
  }

  soon() {
    if (this.#isSoon) return;
    this.#isSoon = true;
    this.#plan(SOON_MS);
  }

  #seen = () => document.visibilityState === 'visible' && this.now();

  /** What is under way may have begun before that which the caller wants to see. */
  async #afterThis() {
    await this.#running;
    this.#next = undefined;
    this.#running = this.#once();
    await this.#running;
  }

  async #once() {
    clearTimeout(this.#timer);
    this.#isSoon = false;
    if (this.#ended) return;
    let answer;
    try {
      answer = { value: await this.#ask() };
    } catch (error) {
      answer = { error };
    }
    if (this.#ended) return;
    this.#tell(answer);
    this.#plan(this.#isSoon ? SOON_MS : ASK_MS);
  }

  #plan(ms) {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    this.#timer = setTimeout(() => {
      if (document.visibilityState === 'visible') this.now();
    }, ms);
  }
}

/**
 * The last answer, `{value, error}`: an error leaves the value that there was. And the `Poll`, while it is `open`: another one for
 * another `owner`.
 *
 * @param {() => Promise<any>} ask
 */
export function usePolled(owner, open, ask) {
  const [answer, setAnswer] = useState({});
  const poll = useRef();
  useEffect(() => {
    if (!open) return undefined;
    const one = new Poll(ask, ({ value, error }) =>
      setAnswer((last) => ({ value: error ? last.value : value, error })),
    );
    poll.current = one;
    return () => one.end();
  }, [owner, open]);
  return [answer, poll];
}
