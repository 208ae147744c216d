// The choice of a type.

import { useEffect, useState } from 'preact/hooks';
import { number } from '../words.js';

/** How often the names and numbers change: a list that is open would jump. */
const REFRESH_MS = 2000;
/** More than anybody reads; the others are found by text. */
const MAX_TYPES = 300;

/** Of a name. */
const MAX_CHARS = 80;

/** The types that most events have, by name. */
function most(store, value) {
  const all = store.types.map((name, index) => [name, store.counts[index]]);
  const listed = all.toSorted(([, a], [, b]) => b - a).slice(0, MAX_TYPES);
  if (value !== '' && !listed.some(([name]) => name === value)) {
    listed.push(all.find(([name]) => name === value) ?? [value, 0]);
  }
  return {
    types: listed.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    left: all.length - listed.length,
  };
}

export function TypeFilter({ store, value, onChange }) {
  const [{ types, left }, setTypes] = useState(() => most(store, value));
  useEffect(() => {
    let seen;
    const refresh = () => {
      if (seen === store.end) return;
      // The first type is there at once.
      seen = store.end;
      setTypes(most(store, value));
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [store, value]);
  return (
    <>
      <label class="sr" for="type">
        Filter by type
      </label>
      <select id="type" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">All types</option>
        {types.map(([name, count]) => (
          // Isolated, so that a name cannot turn the number around.
          <option key={name} value={name}>
            {`\u2068${name.slice(0, MAX_CHARS)}\u2069 (${number(count)})`}
          </option>
        ))}
        {left > 0 && <option disabled>{`${number(left)} more: filter by text`}</option>}
      </select>
    </>
  );
}
