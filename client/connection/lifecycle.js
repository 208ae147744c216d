// What the platform tells of its network, of its pages and of what it blocks. Where it tells nothing, nothing is heard.

import { reason } from './close-reason.js';

const NAMES = ['online', 'offline', 'visibilitychange', 'resume', 'securitypolicyviolation'];

export class Lifecycle {
  /** Whether there is no network. Without one there is still this machine. */
  offline = false;
  /** Why the page may not connect, once a Content-Security-Policy has blocked it. */
  blocked;
  /** Whether it has blocked the questions over HTTP: then they say nothing, and are not asked again. */
  probeBlocked = false;
  #settings;
  #on;

  /** `on.wake()` when the network is back or the page goes on; `on.offline()`. */
  constructor(settings, on) {
    this.#settings = settings;
    this.#on = on;
    // In the capture phase: the events of a document reach the window so, whether they bubble or not.
    for (const name of NAMES) settings.lifecycle?.addEventListener(name, this.#hear, true);
  }

  stop() {
    for (const name of NAMES) this.#settings.lifecycle?.removeEventListener(name, this.#hear, true);
  }

  /** A violation is told in a task of its own, which may come after the end of the socket. */
  settled() {
    const { clock, lifecycle } = this.#settings;
    return lifecycle && new Promise((resolve) => clock.setTimeout(resolve, 0));
  }

  #hear = ({ type, target, disposition, blockedURI }) => {
    const { loopback, place } = this.#settings.target;
    if (type === 'offline') {
      this.offline = !loopback;
      if (this.offline) this.#on.offline();
    } else if (disposition) {
      // Browsers name the URL or the scheme alone.
      const [, scheme, host] = /^(ws|http)s?(?::\/\/([^/]+).*)?$/.exec(blockedURI) ?? [];
      if (disposition !== 'enforce' || (host && !place.endsWith(`/${host}`))) return;
      if (scheme === 'http') this.probeBlocked = true;
      if (scheme === 'ws') {
        const message = `the Content-Security-Policy of this page needs connect-src ${place}`;
        this.blocked = reason('CSP_BLOCKED', message, true);
      }
    } else if (target?.visibilityState !== 'hidden' || type !== 'visibilitychange') {
      if (type === 'online') this.offline = false;
      this.#on.wake();
    }
  };
}
