// The states of a client and the way from one to the next. It knows sockets and timers, and nothing of events.
//
// idle → connecting → open → waiting → connecting → … → closed

import { explain, MAX_RETRY_AFTER_MS } from './probe.js';
import { Lifecycle } from './lifecycle.js';
import { MAX_MS } from '../options.js';
import { Socket } from './socket.js';
import { backoffDelay } from './backoff.js';
import { isCount, parse } from '../json.js';
import { Heartbeat } from './heartbeat.js';
import { closedWith, reason } from './close-reason.js';

/** For a `hello` that does not say it: the listener's own default. */
const DEFAULT_HEARTBEAT_MS = 30_000;

export class Connection {
  #settings;
  #on;
  #socket;
  #state = { name: 'idle' };
  #attempt = 0;
  #notBefore = 0;
  #heartbeat;
  #paused;
  #triedAt = 0;
  #openedAt = 0;
  #timer;
  #lifecycle;

  /**
   * `on.state(state, hello)`, the latter with `open`; `on.flags()` for the URL of an attempt; `on.message(data)` for `hello`
   * and each that comes while open.
   */
  constructor(settings, on) {
    this.#settings = settings;
    this.#on = on;
    const { clock, answerTimeoutMs } = settings;
    this.#heartbeat = new Heartbeat({
      clock,
      answerTimeoutMs,
      ask: () => this.#socket.send('{"type":"ping"}'),
      dead: () => {
        this.#socket.abandon();
        this.#lost(reason('HEARTBEAT_TIMEOUT', `no answer in ${answerTimeoutMs} ms`));
      },
    });
  }

  get state() {
    return this.#state;
  }

  get isOpen() {
    return this.#state.name === 'open';
  }

  /** What the socket has taken and not sent yet; `Infinity` if it takes nothing. */
  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? Infinity;
  }

  start() {
    if (this.#state.name !== 'idle') return;
    this.#lifecycle = new Lifecycle(this.#settings, {
      wake: () => this.wake(),
      offline: () => this.#heartbeat.check(),
    });
    this.#try();
  }

  /** Sends on the open socket; without one the message is lost. */
  write(data) {
    if (this.isOpen) this.#socket.send(data);
  }

  /** The host woke up, or the network is back: asks now whether the listener is there, or tries again now. */
  wake() {
    if (this.isOpen) this.#heartbeat.check();
    if (this.#state.name !== 'waiting') return;
    const { clock, baseDelayMs } = this.#settings;
    // A network that comes and goes must not become a loop of attempts.
    const retryAt = Math.max(clock.now(), this.#notBefore, this.#triedAt + baseDelayMs);
    // Never, while it is paused: then this is null.
    if (retryAt < this.#state.retryAt) this.#wait(this.#state.reason, retryAt);
  }

  /** Leaves the listener until `unpause`: the journal keeps what this client cannot. */
  pause(why) {
    if (!this.isOpen) return;
    this.#paused = true;
    // The listener did nothing wrong, so this is no attempt that failed.
    this.#attempt = 0;
    void this.#socket.close();
    this.#lost(why);
  }

  unpause() {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#state.name === 'waiting') this.#try();
  }

  /** Ends it for good. Resolves when the socket is closed. */
  async close(why) {
    const socket = this.#socket;
    this.#end(why);
    await socket?.close();
  }

  #try() {
    const { clock, target, connectTimeoutMs } = this.#settings;
    this.#attempt += 1;
    this.#triedAt = clock.now();
    const flags = this.#on.flags();
    this.#timer = clock.setTimeout(() => {
      socket.abandon();
      this.#lost(
        reason('CONNECT_TIMEOUT', `no hello from ${target.place} in ${connectTimeoutMs} ms`),
      );
    }, connectTimeoutMs);
    const socket = new Socket(this.#settings, target.socket(flags), {
      message: (data) => {
        try {
          if (this.isOpen) this.#heartbeat.seen();
          else this.#greet(data);
          // Whoever was told that it is open may have closed it.
          if (this.isOpen) this.#on.message(data);
        } catch {
          // Thrown in the listener of a socket, it would end a Node process. What the application's own listeners throw is
          // not caught here.
          this.#refuse();
        }
      },
      lost: (code) => this.#lost(closedWith(code)),
      failed: async (refusal) => {
        clock.clearTimeout(this.#timer);
        const why = refusal ?? (await explain(this.#settings, flags, this.#lifecycle));
        // The client may have been closed meanwhile.
        if (this.#socket === socket) this.#lost(why);
      },
    });
    this.#socket = socket;
    this.#become({ name: 'connecting', attempt: this.#attempt });
  }

  /** The first message of a listener is `hello`, and only with it the connection is open. */
  #greet(data) {
    const { type, data: hello } = parse(data) ?? {};
    if (type !== 'hello' || typeof hello?.epoch !== 'string' || !isCount(hello.seq)) {
      return this.#refuse();
    }
    const { clock, heartbeatMs } = this.#settings;
    clock.clearTimeout(this.#timer);
    this.#openedAt = clock.now();
    const every = heartbeatMs || Number(hello.heartbeatMs) || DEFAULT_HEARTBEAT_MS;
    this.#heartbeat.start(Math.min(every, MAX_MS));
    const { connectionId, epoch } = hello;
    this.#become({ name: 'open', connectionId, epoch, attempt: this.#attempt }, hello);
  }

  /** The server says what no listener says. */
  #refuse() {
    this.#socket?.abandon();
    const { place } = this.#settings.target;
    this.#lost(reason('UNEXPECTED_SERVER', `${place} does not speak loopwire.v1`, true));
  }

  /** The socket is gone. */
  #lost(why) {
    const { clock, stableMs, maxAttempts, maxDelayMs, random } = this.#settings;
    clock.clearTimeout(this.#timer);
    this.#heartbeat.stop();
    this.#socket = undefined;
    if (this.isOpen && clock.now() - this.#openedAt >= stableMs) this.#attempt = 0;
    if (why.fatal || this.#attempt >= maxAttempts) return this.#end(why);
    this.#notBefore = clock.now() + Math.min(why.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    // The platform may be wrong: a network that it does not know of may be there. So it is tried, but rarely.
    const delay = this.#lifecycle.offline
      ? maxDelayMs
      : backoffDelay(Math.max(0, this.#attempt - 1), this.#settings, random);
    return this.#wait(why, this.#notBefore + delay);
  }

  #wait(why, retryAt) {
    const { clock } = this.#settings;
    clock.clearTimeout(this.#timer);
    if (!this.#paused) {
      this.#timer = clock.setTimeout(() => this.#try(), Math.max(0, retryAt - clock.now()));
    }
    this.#become({
      name: 'waiting',
      attempt: this.#attempt + 1,
      reason: shown(why),
      retryAt: this.#paused ? null : retryAt,
    });
  }

  #end(why) {
    if (this.#state.name === 'closed') return;
    this.#settings.clock.clearTimeout(this.#timer);
    this.#heartbeat.stop();
    this.#lifecycle?.stop();
    this.#socket = undefined;
    this.#become({ name: 'closed', reason: shown(why) });
  }

  #become(state, hello) {
    this.#state = state;
    this.#on.state(state, hello);
  }
}

/** What states show. */
function shown(why) {
  const { fatal: _, retryAfterMs: __, ...rest } = why;
  return rest;
}
