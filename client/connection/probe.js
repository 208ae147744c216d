// Why a handshake failed: a browser does not say it, so the listener is asked over HTTP.

import { reason, refusedWith } from './close-reason.js';
import { request } from './http.js';

/** The answer to a plain GET of the socket's own route, if all but the upgrade is right. */
const UPGRADE_REQUIRED = 426;

/** Longest Retry-After that is obeyed. A listener says seconds; a mistake must not stop a client for a day. */
export const MAX_RETRY_AFTER_MS = 600_000;

const FAILED = reason('CONNECT_FAILED', 'the handshake failed, nobody knows why');

/** Gives a reason; never throws. `lifecycle` knows what the browser blocked meanwhile. */
export async function explain(settings, flags, lifecycle) {
  const { target, fetch, probeTimeoutMs } = settings;
  const look = fetch && !lifecycle.probeBlocked;
  const { url, headers } = target.probe(flags);
  const get = { headers, redirect: 'manual' };
  // `undefined` if there was no answer, or it may not be read.
  const ask = (init) => request(settings, probeTimeoutMs, url, init).catch(() => {});
  let answer = look && (await ask(get));
  if (!answer) {
    // The server is down, or it lets this page read nothing. Without CORS a page sees only whether something answers.
    const alive = look && (await ask({ mode: 'no-cors' }));
    await lifecycle.settled();
    if (lifecycle.blocked) return lifecycle.blocked;
    if (!look || lifecycle.probeBlocked) return FAILED;
    if (!alive) {
      return target.loopback && !target.isOwn && (await localNetworkDenied())
        ? reason('LOCAL_NETWORK_BLOCKED', `the browser keeps this page from ${target.place}`, true)
        : reason('UNREACHABLE', `nothing answers at ${target.place}`);
    }
    // Asked once more: the server may have come up between the two.
    answer = await ask(get);
    // Only a page, which has a lifecycle, may be refused so: elsewhere the connection broke twice.
    if (!answer) return settings.lifecycle ? refusedPage(target) : FAILED;
  }
  const { status, headers: told } = answer.response;
  if (status >= 400 && status !== UPGRADE_REQUIRED) {
    return refusedWith(status, target.hide(answer.text), told.get('retry-after'));
  }
  return reason(
    'HANDSHAKE_FAILED',
    `${target.place} answers, but not as a WebSocket: it may be full, or behind a proxy`,
  );
}

function refusedPage({ place }) {
  const page = globalThis.location?.origin;
  const message = `${place} refuses this page: allowedOrigins must have ${page}, or allowedHosts the host`;
  return reason('ORIGIN_REFUSED', message, true, { status: 403 });
}

/** Chromium asks its user before a public page may reach this machine. A page that is not secure is "denied" in any case. */
async function localNetworkDenied() {
  try {
    const { state } = await globalThis.navigator.permissions.query({
      name: 'local-network-access',
    });
    return globalThis.isSecureContext && state === 'denied';
  } catch {
    // There is no such permission here.
    return false;
  }
}
