// The calls by HTTP that manage connections (PROTOCOL section 6).

import { ConnectionError, refusedWith } from '../../connection/close-reason.js';
import { failure } from '../link/failure.js';
import { request } from '../../connection/http.js';

export async function call(settings, path, init) {
  const { target, timeoutMs } = settings;
  const { url, headers } = target.probe();
  try {
    // Beneath the socket's own route.
    const { response, text } = await request(settings, timeoutMs, `${url.split('?')[0]}/${path}`, {
      ...init,
      headers: { ...headers, 'content-type': 'application/json' },
      // Behind a redirect somebody else would get the token.
      redirect: 'error',
    });
    if (!response.ok) throw new ConnectionError(refusedWith(response.status, text));
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw failure('UNREACHABLE', 'nothing answers as a listener', error);
  }
}
