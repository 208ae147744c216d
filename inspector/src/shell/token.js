// The token in the URL's fragment: `/inspect#token=…`. A browser sends a fragment to nobody, and here it does not stay in the
// address, the history or a bookmark either.

/** The token of the page's address, which has it no more afterwards. */
export function takeToken({ location, history } = globalThis) {
  const fragment = location.hash.slice(1);
  if (fragment === '') return undefined;
  history.replaceState(history.state, '', location.pathname + location.search);
  return new URLSearchParams(fragment).get('token') ?? undefined;
}
