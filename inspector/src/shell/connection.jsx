// The state of the connection in words, with the reason and the next attempt.

import { useEffect, useState } from 'preact/hooks';
import { advice } from '../words.js';

/** The present, each second while it is needed. */
export function useNow(needed) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!needed) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [needed]);
  return now;
}

const WORDS = {
  idle: 'Not connected',
  connecting: 'Connecting',
  open: 'Connected',
  waiting: 'Waiting',
  closed: 'Disconnected',
};

export function Badge({ state }) {
  return (
    <span class={`badge state-${state.name}`}>
      <span class="dot" aria-hidden="true" />
      {WORDS[state.name]}
    </span>
  );
}

export function Notice({ state, session }) {
  const waiting = state.name === 'waiting';
  const now = useNow(waiting);
  if (waiting) {
    const left = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
    return (
      <section class="notice" aria-label="Connection">
        <p>
          <strong>{state.reason.message}.</strong> {advice(state.reason)}
        </p>
        <p class="quiet">
          {left > 0
            ? `Attempt ${state.attempt} begins in ${left} s.`
            : `Attempt ${state.attempt} begins now.`}
        </p>
        <button type="button" onClick={() => session.tryNow()}>
          Try now
        </button>
      </section>
    );
  }
  if (state.name === 'connecting' && state.attempt > 1) {
    return (
      <section class="notice" aria-label="Connection">
        <p>Attempt {state.attempt} is under way.</p>
      </section>
    );
  }
  return null;
}
