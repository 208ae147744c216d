// A clock that stands until it is told to go, and a WebSocket whose other side is the test.
'use strict';

/** What is settled by now, and what that settles. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

class FakeClock {
  #now = 1_000_000;
  #timers = new Map();
  #last = 0;

  now = () => this.#now;

  setTimeout = (call, ms) => {
    this.#last += 1;
    this.#timers.set(this.#last, { call, at: this.#now + ms });
    return this.#last;
  };

  clearTimeout = (timer) => this.#timers.delete(timer);

  /** How many timers are set. */
  get size() {
    return this.#timers.size;
  }

  /** In how many milliseconds the next timer is due. */
  get next() {
    return Math.min(...[...this.#timers.values()].map(({ at }) => at)) - this.#now;
  }

  /** Time passes, and each timer fires when it is due. */
  async advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      const [first] = due.toSorted(([, a], [, b]) => a.at - b.at);
      if (!first) break;
      this.#now = Math.max(this.#now, first[1].at);
      await this.#fire(first);
    }
    this.#now = end;
    await settle();
  }

  /** The host sleeps: time passes and nothing fires; then everything that is due fires late. */
  async sleep(ms) {
    this.#now += ms;
    const due = [...this.#timers].filter(([, { at }]) => at <= this.#now);
    for (const one of due) await this.#fire(one);
    await settle();
  }

  /** Somebody sets the clock; timers do not care. */
  set(ms) {
    for (const timer of this.#timers.values()) timer.at += ms;
    this.#now += ms;
  }

  async #fire([id, { call }]) {
    if (!this.#timers.delete(id)) return;
    call();
    await settle();
  }
}

/** A class of sockets that reach nobody; `sockets` are those that were made. */
function fakeWebSocket() {
  const sockets = [];
  class FakeWebSocket {
    binaryType = 'blob';
    bufferedAmount = 0;
    sent = [];
    closedWith = null;
    #listeners = [];

    constructor(url, protocols) {
      Object.assign(this, { url, protocols });
      sockets.push(this);
    }

    addEventListener(type, listener) {
      this.#listeners.push({ type, listener });
    }

    send(data) {
      this.sent.push(data);
    }

    close(code) {
      this.closedWith = code;
    }

    tell(type, event = {}) {
      for (const one of this.#listeners) if (one.type === type) one.listener({ type, ...event });
    }

    /** What the listener says. */
    say(message) {
      this.tell('message', { data: JSON.stringify(message) });
    }

    /** The handshake, and `hello`. */
    accept(hello = {}) {
      this.tell('open');
      const data = {
        connectionId: 'conn-1',
        epoch: 'e1',
        seq: 0,
        active: true,
        heartbeatMs: 30_000,
      };
      this.say({ type: 'hello', data: { ...data, ...hello } });
    }

    /** The end, as the other side or the network brings it. */
    end(code = 1006, reason = '') {
      this.tell('error');
      this.tell('close', { code, reason });
    }
  }
  return { WebSocket: FakeWebSocket, sockets };
}

/** A target of events, as a window is. */
const fakeLifecycle = () => new EventTarget();

module.exports = { FakeClock, fakeLifecycle, fakeWebSocket, settle };
