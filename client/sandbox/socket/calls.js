// The calls by HTTP that manage connections (PROTOCOL section 6).

import { failure } from '../link/failure.js';
import { ConnectionError, refusedWith } from '../../connection/close-reason.js';

export async function call({ target, fetch, clock, timeoutMs }, path, init) {
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(), timeoutMs);
  const { url, headers } = target.probe();
  try {
    // Beneath the socket's own route.
    const response = await fetch(`${url.split('?')[0]}/${path}`, {
      ...init,
      headers: { ...headers, 'content-type': 'application/json' },
      signal: late.signal,
      // Behind a redirect somebody else would get the token.
      redirect: 'error',
    });
    const text = await response.text();
    if (!response.ok) throw new ConnectionError(refusedWith(response.status, text));
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw failure('UNREACHABLE', 'nothing answered as a listener would', error);
  } finally {
    clock.clearTimeout(timer);
  }
}
