// A page with the hook: components that take long to render, so that React renders in pieces.

import { createElement, StrictMode, startTransition, useLayoutEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useLoopwire } from '../../../examples/react/use-loopwire.mjs';

/** What was on the screen after each commit: what each component showed. */
window.commits = [];
window.renders = 0;

function Count({ url, token }) {
  const { events, state } = useLoopwire(url, token);
  window.renders += 1;
  const end = performance.now() + 2;
  while (performance.now() < end);
  useLayoutEffect(() => {
    window.commits.push(Array.from(document.querySelectorAll('p'), (one) => one.innerText));
  });
  return createElement('p', null, `${state.name} ${events.length}`);
}

function App({ url, token }) {
  const [round, setRound] = useState(0);
  const [isThere, setIsThere] = useState(true);
  window.again = () => startTransition(() => setRound((before) => before + 1));
  window.show = setIsThere;
  if (!isThere) return null;
  return Array.from({ length: 8 }, (_, n) => createElement(Count, { key: n, round, url, token }));
}

function Events({ url, token }) {
  const { events, state, send } = useLoopwire(url, token);
  window.latest = { events, state, send };
  return null;
}

window.start = (options) => {
  const root = createRoot(document.querySelector('main'));
  root.render(
    createElement(StrictMode, null, createElement(App, options), createElement(Events, options)),
  );
  window.unmount = () => root.unmount();
};
