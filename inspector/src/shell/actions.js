// What is done with the rows of a table: what is under way, and what has failed.

import { useState } from 'preact/hooks';

/**
 * `actions.of(key)` is `{doing}` or `{failed: {what, error}}`, or empty. `actions.run` calls, and what it resolves with is `said`
 * then: nothing is said done before it is.
 */
export function useActions() {
  const [rows, setRows] = useState(new Map());
  const [said, say] = useState('');
  const set = (key, state) =>
    setRows((now) => {
      const next = new Map(now);
      if (state) next.set(key, state);
      else next.delete(key);
      return next;
    });
  const run = async (key, what, call) => {
    say('');
    set(key, { doing: what });
    try {
      say(await call());
      set(key);
    } catch (error) {
      set(key, { failed: { what, error } });
    }
  };
  return { of: (key) => rows.get(key) ?? {}, run, said, forget: (key) => set(key) };
}
