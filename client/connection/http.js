// Questions to the listener over HTTP.

/** The answer and its text, in at most `ms`. */
export async function request({ fetch, clock }, ms, url, init) {
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(), ms);
  try {
    const response = await fetch(url, { signal: late.signal, ...init });
    return { response, text: await response.text() };
  } finally {
    clock.clearTimeout(timer);
  }
}
