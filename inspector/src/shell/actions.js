// What is done with the rows of a table: what is under way, and what has failed. It outlives the view, which may be left meanwhile.

import { useLayoutEffect, useState } from 'preact/hooks';
import { Observable } from '../workspace/observable.js';

class Actions extends Observable {
  /** What was done last. */
  said = '';
  #rows = new Map();

  /** `{doing}` or `{failed: {what, error}}`, or empty. */
  of(key) {
    return this.#rows.get(key) ?? {};
  }

  /** Calls, and what it resolves with is `said` then: nothing is said done before it is. One at a time for a row. */
  async run(key, what, call) {
    if (this.of(key).doing) return;
    this.said = '';
    this.#set(key, { doing: what });
    try {
      this.said = await call();
      this.#set(key);
    } catch (error) {
      this.#set(key, { failed: { what, error } });
    }
  }

  forget(key) {
    this.#set(key);
  }

  #set(key, state) {
    if (state) this.#rows.set(key, state);
    else this.#rows.delete(key);
    this.changed();
  }
}

/** By session, then by table. */
const known = new WeakMap();

function actionsOf(session, table) {
  if (!known.has(session)) known.set(session, new Map());
  const tables = known.get(session);
  if (!tables.has(table)) tables.set(table, new Actions());
  return tables.get(table);
}

/** @param {object} session @param {string} table its name */
export function useActions(session, table) {
  const actions = actionsOf(session, table);
  const [, draw] = useState(0);
  useLayoutEffect(() => {
    const stop = actions.onChange(() => draw((count) => count + 1));
    return () => {
      stop();
      // It was read. What ends from now on is said when the view is back.
      actions.said = '';
    };
  }, [actions]);
  return actions;
}
