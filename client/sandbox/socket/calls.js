// The calls by HTTP that manage connections (PROTOCOL section 6).

import { ConnectionError, refusedWith } from '../../connection/close-reason.js';
import { failure } from '../link/failure.js';

/** Where the calls go, beneath the path of `baseURL`. */
export function callsAt(baseURL) {
  const { protocol, host, pathname } = new URL(baseURL, globalThis.location?.href);
  return `${protocol.replace('ws', 'http')}//${host}${pathname.replace(/(\/ws)?\/*$/, '')}/ws/`;
}

export async function call({ base, token, fetch, clock, timeoutMs }, path, init) {
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(), timeoutMs);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  try {
    // Behind a redirect somebody else would get the token.
    const fixed = { headers, signal: late.signal, redirect: 'error' };
    const response = await fetch(base + path, { ...init, ...fixed });
    const text = await response.text();
    if (!response.ok) throw new ConnectionError(refusedWith(response.status, text));
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    const why = late.signal.aborted ? `for ${timeoutMs} ms` : 'as a listener would';
    throw failure('UNREACHABLE', `nothing answered ${why}`, error);
  } finally {
    clock.clearTimeout(timer);
  }
}
