// The client of Loopwire's listeners, for `require`. Made by scripts/client.cjs from the modules beside it: change those.
"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// index.js
var index_exports = {};
__export(index_exports, {
  ConnectionError: () => ConnectionError,
  EventClient: () => EventClient,
  SendError: () => SendError
});
module.exports = __toCommonJS(index_exports);

// close-reason.js
var CLOSE_CODES = {
  1001: ["LISTENER_CLOSED", "the listener is closing"],
  1002: ["PROTOCOL_ERROR", "an error in the WebSocket protocol", true],
  1006: ["CONNECTION_LOST", "the connection was lost"],
  1007: ["INVALID_UTF8", "a message was not UTF-8", true],
  1008: ["TOO_MANY_FRAMES", "too many frames were sent", true],
  1009: ["MESSAGE_TOO_BIG", "a message was bigger than maxMessageBytes", true],
  1011: ["INTERNAL", "the listener has failed"],
  4001: ["DISCONNECTED", "the application disconnected this client", true],
  4003: ["TOKEN_ROTATED", "the token was rotated", true],
  4008: ["HEARTBEAT_MISSED", "this client was not heard"],
  4013: ["OVERTAKEN", "this client read too slowly"]
};
var MAX_TEXT_CHARS = 300;
function reason(code, message, fatal = false, more = {}) {
  return { code, message, fatal, ...more };
}
function closedWith(closeCode) {
  const [code, message, fatal] = CLOSE_CODES[closeCode] ?? [
    "CONNECTION_CLOSED",
    `the connection was closed with code ${closeCode}`
  ];
  return reason(code, message, fatal, { closeCode });
}
function refusedWith(status, text, retryAfter) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
  }
  return reason(
    short(body?.code ?? `HTTP_${status}`),
    short(body?.error ?? `the handshake was answered with HTTP status ${status}`),
    // 408, 425 and 429 say "later"; every other 4xx stays as it is until somebody changes something.
    status >= 400 && status < 500 && ![408, 425, 429].includes(status),
    // A date, which nobody sends, counts as left out.
    { status, retryAfterMs: retryAfter * 1e3 || 0 }
  );
}
var short = (text) => String(text).slice(0, MAX_TEXT_CHARS);
var ConnectionError = class extends Error {
  constructor({ message, ...more }) {
    super(message);
    Object.assign(this, more, { name: "ConnectionError" });
  }
};

// backoff.js
function backoffDelay(failures, { baseDelayMs, maxDelayMs }, random) {
  return Math.round(random() * Math.min(maxDelayMs, baseDelayMs * 2 ** failures));
}

// heartbeat.js
var LATE_MS = 2e3;
var Heartbeat = class {
  #clock;
  #answerTimeoutMs;
  #ask;
  #dead;
  #intervalMs = 0;
  #timer;
  #seenAt = 0;
  #asking = false;
  #doubtful = false;
  /** `ask` sends a ping; `dead` is called once, when the peer has not answered. */
  constructor({ clock, answerTimeoutMs, ask: ask2, dead }) {
    this.#clock = clock;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#ask = ask2;
    this.#dead = dead;
  }
  start(intervalMs) {
    this.stop();
    this.#intervalMs = intervalMs;
    this.seen();
    this.#listen();
  }
  stop() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = void 0;
    this.#intervalMs = 0;
  }
  /** Something came from the peer. Cheap: it is called for each message. */
  seen() {
    this.#seenAt = this.#clock.now();
    if (this.#asking) {
      this.#asking = false;
      if (this.#intervalMs > 0) this.#listen();
    }
  }
  /** Asks now: there is reason to doubt, such as a host that woke up. */
  check() {
    if (this.#intervalMs > 0 && !this.#asking) this.#question(false);
  }
  #listen() {
    this.#arm(this.#seenAt + this.#intervalMs - this.#clock.now(), () => {
      const quiet = this.#clock.now() - this.#seenAt;
      if (quiet >= 0 && quiet < this.#intervalMs) this.#listen();
      else this.#question(false);
    });
  }
  /** `doubtful`: the answer to the last question was waited for with a timer that came late. */
  #question(doubtful) {
    this.#asking = true;
    this.#doubtful = doubtful;
    this.#arm(this.#answerTimeoutMs, (late) => {
      if (late && !this.#doubtful) this.#question(true);
      else {
        this.stop();
        this.#dead();
      }
    });
    this.#ask();
  }
  #arm(ms, fire) {
    this.#clock.clearTimeout(this.#timer);
    const due = this.#clock.now() + ms;
    this.#timer = this.#clock.setTimeout(() => fire(this.#clock.now() - due > LATE_MS), ms);
  }
};

// lifecycle.js
var NAMES = ["online", "offline", "visibilitychange", "resume", "securitypolicyviolation"];
var Lifecycle = class {
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
    if (type === "offline") {
      this.offline = !loopback;
      if (this.offline) this.#on.offline();
    } else if (disposition) {
      const [, scheme, host] = /^(ws|http)s?(?::\/\/([^/]+).*)?$/.exec(blockedURI) ?? [];
      if (disposition !== "enforce" || host && !place.endsWith(`/${host}`)) return;
      if (scheme === "http") this.probeBlocked = true;
      if (scheme === "ws") {
        const message = `the Content-Security-Policy of this page needs connect-src ${place}`;
        this.blocked = reason("CSP_BLOCKED", message, true);
      }
    } else if (target?.visibilityState !== "hidden" || type !== "visibilitychange") {
      if (type === "online") this.offline = false;
      this.#on.wake();
    }
  };
};

// probe.js
var UPGRADE_REQUIRED = 426;
var MAX_RETRY_AFTER_MS = 6e5;
var FAILED = reason("CONNECT_FAILED", "the handshake failed, and it could not be found out why");
async function explain(settings, flags, lifecycle) {
  const { target, fetch } = settings;
  const look = fetch && !lifecycle.probeBlocked;
  const { url, headers } = target.probe(flags);
  const get = { headers, redirect: "manual" };
  let answer = look && await ask(settings, url, get);
  if (!answer) {
    const alive = look && await ask(settings, url, { mode: "no-cors" });
    await lifecycle.settled();
    if (lifecycle.blocked) return lifecycle.blocked;
    if (!look || lifecycle.probeBlocked) return FAILED;
    if (!alive) return unreachable(target);
    answer = await ask(settings, url, get);
    if (!answer) return refusedPage(target);
  }
  if (answer.status >= 400 && answer.status !== UPGRADE_REQUIRED) {
    return refusedWith(answer.status, answer.text, answer.headers.get("retry-after"));
  }
  return reason(
    "HANDSHAKE_FAILED",
    `${target.place} answers, but not as a WebSocket: it may be full, or behind a proxy`
  );
}
function refusedPage({ place }) {
  const page = globalThis.location?.origin;
  const message = `${place} refuses this page: allowedOrigins must have ${page}, or allowedHosts the host`;
  return reason("ORIGIN_REFUSED", message, true, { status: 403 });
}
async function unreachable({ place, loopback }) {
  return loopback && await localNetworkDenied() ? reason("LOCAL_NETWORK_BLOCKED", `the browser lets this page not connect to ${place}`, true) : reason("UNREACHABLE", `nothing answers at ${place}`);
}
async function localNetworkDenied() {
  try {
    const { state } = await globalThis.navigator.permissions.query({
      name: "local-network-access"
    });
    return globalThis.isSecureContext && state === "denied";
  } catch {
    return false;
  }
}
async function ask({ target, fetch, clock, probeTimeoutMs }, url, init) {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), probeTimeoutMs);
  try {
    const response = await fetch(url, { signal: abort.signal, ...init });
    const { status, headers } = response;
    return { status, headers, text: target.hide(await response.text()) };
  } catch {
    return null;
  } finally {
    clock.clearTimeout(timer);
  }
}

// socket.js
var MAX_BODY_CHARS = 4096;
var Socket = class {
  #settings;
  #on;
  #socket;
  #open = false;
  #done = false;
  #closed;
  /**
   * `on.message(data)`; `on.lost(closeCode)` if it was open, `on.failed(refusal)` if it never was: only `ws` tells
   * how a handshake was refused.
   */
  constructor(settings, { url, protocols }, on) {
    this.#settings = settings;
    this.#on = on;
    let socket;
    try {
      socket = new settings.WebSocket(url, protocols);
    } catch (error) {
      const refusal = reason("BLOCKED", `the class WebSocket threw ${error?.name}`, true);
      this.#closed = Promise.resolve();
      queueMicrotask(() => this.#fail(refusal));
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    this.#closed = new Promise((resolve) => {
      const ended = ({ type, code }) => {
        if (type === "error" && this.#open) return;
        resolve();
        if (this.#open) this.#end(() => on.lost(code));
        else this.#fail();
      };
      socket.addEventListener("error", ended);
      socket.addEventListener("close", ended);
    });
    socket.addEventListener("open", () => this.#open = true);
    socket.addEventListener("message", ({ data }) => this.#done || on.message(data));
    if (typeof socket.once === "function") {
      socket.once("unexpected-response", (request, response) => this.#refused(request, response));
    }
  }
  /** Of an open socket; `Infinity` if it takes nothing any more, since its `readyState` is not 1 (`OPEN`). */
  get bufferedAmount() {
    const { readyState = 1, bufferedAmount } = this.#socket;
    return readyState === 1 ? bufferedAmount : Infinity;
  }
  send(data) {
    this.#socket.send(data);
  }
  /** The closing handshake; resolves when it is done, or when the listener took too long. */
  async close(code = 1e3) {
    this.#done = true;
    if (!this.#socket) return;
    const { clock, closeTimeoutMs } = this.#settings;
    let timer;
    const late = new Promise((resolve) => timer = clock.setTimeout(resolve, closeTimeoutMs));
    this.#close(code);
    await Promise.race([this.#closed, late]);
    clock.clearTimeout(timer);
    this.#socket.terminate?.();
  }
  /** Leaves a peer that does not answer: nothing is waited for. */
  abandon() {
    this.#done = true;
    this.#close(4008);
    this.#socket?.terminate?.();
  }
  #close(code) {
    try {
      this.#socket?.close(code);
    } catch {
    }
  }
  #fail(refusal) {
    this.#end(() => this.#on.failed(refusal));
  }
  #end(tell) {
    if (this.#done) return;
    this.#done = true;
    tell();
  }
  #refused(request, response) {
    let text = "";
    const finish = () => {
      const { statusCode, headers } = response;
      const said = this.#settings.target.hide(text);
      this.#fail(refusedWith(statusCode, said, headers["retry-after"]));
      request.destroy();
    };
    response.on("data", (piece) => {
      text += piece;
      if (text.length > MAX_BODY_CHARS) response.destroy();
    });
    response.on("close", finish);
    response.on("error", () => {
    });
  }
};

// connection.js
var DEFAULT_HEARTBEAT_MS = 3e4;
var Connection = class {
  #settings;
  #on;
  #state = Object.freeze({ name: "idle" });
  #socket;
  #heartbeat;
  #attempt = 0;
  #triedAt = 0;
  #openedAt = 0;
  #timer;
  #notBefore = 0;
  #paused = false;
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
        this.#lost(reason("HEARTBEAT_TIMEOUT", `no answer in ${answerTimeoutMs} ms`));
      }
    });
  }
  get state() {
    return this.#state;
  }
  get isOpen() {
    return this.#state.name === "open";
  }
  /** What the socket has taken and not sent yet; `Infinity` if it takes nothing. */
  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? Infinity;
  }
  start() {
    if (this.#state.name !== "idle") return;
    this.#lifecycle = new Lifecycle(this.#settings, {
      wake: () => this.wake(),
      offline: () => this.#heartbeat.check()
    });
    this.#try();
  }
  /** Sends on the open socket; only while `isOpen`. */
  write(data) {
    this.#socket.send(data);
  }
  /** The host woke up, or the network is back: asks now whether the listener is there, or tries again now. */
  wake() {
    if (this.isOpen) this.#heartbeat.check();
    if (this.#state.name !== "waiting" || this.#paused) return;
    const { clock, baseDelayMs } = this.#settings;
    const earliest = Math.max(this.#notBefore, this.#triedAt + baseDelayMs);
    const retryAt = Math.min(this.#state.retryAt, Math.max(clock.now(), earliest));
    if (retryAt < this.#state.retryAt) this.#wait(this.#state.reason, retryAt);
  }
  /** Leaves the listener until `unpause`: the journal keeps what this client cannot. */
  pause(why) {
    if (!this.isOpen) return;
    this.#paused = true;
    void this.#socket.close();
    this.#lost(why);
  }
  unpause() {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#state.name === "waiting") this.#try();
  }
  /** Ends it for good. Resolves when the socket is closed. */
  close(why) {
    const socket = this.#socket;
    this.#end(why);
    return socket ? socket.close() : Promise.resolve();
  }
  #try() {
    const { clock, target, connectTimeoutMs } = this.#settings;
    this.#attempt += 1;
    this.#triedAt = clock.now();
    const flags = this.#on.flags();
    this.#timer = clock.setTimeout(() => {
      socket.abandon();
      this.#lost(
        reason("CONNECT_TIMEOUT", `no hello from ${target.place} in ${connectTimeoutMs} ms`)
      );
    }, connectTimeoutMs);
    const socket = new Socket(this.#settings, target.socket(flags), {
      message: (data) => {
        if (!this.isOpen) return this.#greet(data);
        this.#heartbeat.seen();
        return this.#on.message(data);
      },
      lost: (code) => this.#lost(closedWith(code)),
      failed: async (refusal) => {
        clock.clearTimeout(this.#timer);
        const why = refusal ?? await explain(this.#settings, flags, this.#lifecycle);
        if (this.#socket === socket) this.#lost(why);
      }
    });
    this.#socket = socket;
    this.#become({ name: "connecting", attempt: this.#attempt });
  }
  /** The first message of a listener is `hello`, and only with it the connection is open. */
  #greet(data) {
    const { type, data: hello } = parse(data) ?? {};
    if (type !== "hello" || !hello?.epoch) {
      this.#socket.abandon();
      const { place } = this.#settings.target;
      return this.#lost(reason("UNEXPECTED_SERVER", `${place} does not speak loopwire.v1`, true));
    }
    const { clock, heartbeatMs } = this.#settings;
    clock.clearTimeout(this.#timer);
    this.#openedAt = clock.now();
    this.#heartbeat.start(heartbeatMs || hello.heartbeatMs || DEFAULT_HEARTBEAT_MS);
    const { connectionId, epoch } = hello;
    this.#become({ name: "open", connectionId, epoch, attempt: this.#attempt }, hello);
    return this.#on.message(data);
  }
  /** The socket is gone. */
  #lost(why) {
    const { clock, stableMs, maxAttempts, maxDelayMs, random } = this.#settings;
    clock.clearTimeout(this.#timer);
    this.#heartbeat.stop();
    this.#socket = void 0;
    if (this.isOpen && clock.now() - this.#openedAt >= stableMs) this.#attempt = 0;
    if (why.fatal || this.#attempt >= maxAttempts) return this.#end(why);
    this.#notBefore = clock.now() + Math.min(why.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    const delay = this.#lifecycle.offline ? maxDelayMs : backoffDelay(Math.max(0, this.#attempt - 1), this.#settings, random);
    return this.#wait(why, this.#notBefore + delay);
  }
  #wait(why, retryAt) {
    const { clock } = this.#settings;
    clock.clearTimeout(this.#timer);
    if (!this.#paused) {
      this.#timer = clock.setTimeout(() => this.#try(), Math.max(0, retryAt - clock.now()));
    }
    this.#become({
      name: "waiting",
      attempt: this.#attempt + 1,
      reason: shown(why),
      retryAt: this.#paused ? null : retryAt
    });
  }
  #end(why) {
    if (this.#state.name === "closed") return;
    this.#settings.clock.clearTimeout(this.#timer);
    this.#heartbeat.stop();
    this.#lifecycle?.stop();
    this.#socket = void 0;
    this.#become({ name: "closed", reason: shown(why) });
  }
  #become(state, hello) {
    this.#state = Object.freeze(state);
    this.#on.state(this.#state, hello);
  }
};
function shown(why) {
  const { fatal: _, retryAfterMs: __, ...rest } = why;
  return Object.freeze(rest);
}
function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return void 0;
  }
}

// emitter.js
var Emitter = class {
  #listeners = /* @__PURE__ */ new Map();
  on(name, listener) {
    if (typeof listener !== "function") throw new TypeError("the listener must be a function");
    this.#listeners.set(name, [...this.#listeners.get(name) ?? [], { listener, once: false }]);
    return this;
  }
  once(name, listener) {
    this.on(name, listener);
    this.#listeners.get(name).at(-1).once = true;
    return this;
  }
  off(name, listener) {
    const entries = this.#listeners.get(name) ?? [];
    const at = entries.findLastIndex((entry) => entry.listener === listener);
    if (at !== -1) this.#listeners.set(name, entries.toSpliced(at, 1));
    return this;
  }
  /** Whether anybody listened. */
  emit(name, value) {
    const entries = this.#listeners.get(name) ?? [];
    for (const { listener, once } of entries) {
      if (once) this.off(name, listener);
      try {
        listener(value);
      } catch (error) {
        report(error);
      }
    }
    return entries.length > 0;
  }
};
function report(error) {
  queueMicrotask(() => {
    throw error;
  });
}

// frame.js
var HEAD_BYTES = 12;
function encodeFrame(stream, offset, bytes) {
  const frame = new Uint8Array(HEAD_BYTES + bytes.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint32(0, stream);
  view.setBigUint64(4, BigInt(offset));
  frame.set(bytes, HEAD_BYTES);
  return frame;
}
function decodeFrame(buffer) {
  if (buffer.byteLength < HEAD_BYTES) return null;
  const view = new DataView(buffer);
  return {
    stream: view.getUint32(0),
    offset: Number(view.getBigUint64(4)),
    bytes: new Uint8Array(buffer, HEAD_BYTES)
  };
}

// iterate.js
var EventBuffer = class {
  #events = [];
  #waiting = [];
  #end;
  #limit;
  #on;
  /** `on.full()` when no more should come, `on.room()` when half of it was taken, `on.stop()` when the loop ends. */
  constructor(limit, on) {
    this.#limit = limit;
    this.#on = on;
  }
  get isFull() {
    return this.#events.length >= this.#limit;
  }
  push(event) {
    if (this.#end) return;
    const next = this.#waiting.shift();
    if (next) return next.resolve({ value: event, done: false });
    this.#events.push(event);
    if (this.#events.length === this.#limit) this.#on.full();
  }
  /** What came before is still given out. */
  end(error) {
    if (this.#end) return;
    this.#end = { error };
    for (const next of this.#waiting.splice(0)) this.#finish(next);
  }
  next() {
    return new Promise((resolve, reject) => {
      if (this.#events.length > 0) {
        const value = this.#events.shift();
        if (this.#events.length === this.#limit >> 1) this.#on.room();
        resolve({ value, done: false });
      } else if (this.#end) this.#finish({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }
  return(value) {
    this.#events = [];
    this.end();
    this.#on.stop();
    return Promise.resolve({ value, done: true });
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  /** An error is thrown once. */
  #finish({ resolve, reject }) {
    const { error } = this.#end;
    this.#end = {};
    if (error) reject(error);
    else resolve({ value: void 0, done: true });
  }
};

// target.js
var TOKEN = /^[0-9A-Za-z._~-]{1,256}$/;
var IN_PATH = /\/ws\/(?!(?:connections?|connect|disconnect)$)([^/]+)$/;
var LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;
var FLAGS = ["token", "v", "binary", "silent", "epoch", "since", "client"];
var Target = class {
  #url;
  #token;
  /** The token stays in the path: only then it is a connection of the SDK's form. */
  #inPath;
  #flags = {};
  /** What the URL said of `epoch` and `since`. */
  since;
  constructor({ url, token, binary, silent }) {
    const parsed = parse2(url);
    const query = parsed.searchParams;
    const inPath = IN_PATH.exec(parsed.pathname)?.[1];
    const [first, ...others] = [token, inPath, query.get("token")].filter((one) => one != null);
    if (others.some((other) => other !== first)) {
      throw new TypeError("url and token show two different tokens");
    }
    if (typeof first !== "string" || !TOKEN.test(first)) {
      throw new TypeError(
        "a token (0-9, A-Z, a-z, . _ ~ -) is needed: { url, token }, or a URL that has it"
      );
    }
    this.#token = first;
    this.#inPath = inPath !== void 0;
    if (binary ?? query.get("binary") === "true") this.#flags.binary = "true";
    if (silent ?? query.get("silent") === "true") this.#flags.silent = "true";
    if (this.#inPath) this.#flags.v = "1";
    const since = query.get("since");
    if (since !== null) this.since = { epoch: query.get("epoch") ?? void 0, seq: Number(since) };
    for (const name of FLAGS) query.delete(name);
    if (!this.#inPath && !parsed.pathname.endsWith("/ws")) {
      parsed.pathname = `${parsed.pathname.replace(/\/$/, "")}/ws`;
    }
    this.#url = parsed;
  }
  /** For messages: where, without any secret. */
  get place() {
    return `${this.#url.protocol}//${this.#url.host}`;
  }
  /** Whether the network of this machine does not matter. */
  get loopback() {
    return LOOPBACK.test(this.#url.hostname);
  }
  /** What the class WebSocket gets. `flags` are those of the position. */
  socket(flags) {
    const protocols = this.#inPath ? [] : ["loopwire.v1", `bearer.${this.#token}`];
    return { url: this.#with(flags).href, protocols };
  }
  /** The same route for `fetch`, with the token in a header. */
  probe(flags) {
    const url = this.#with(flags);
    url.protocol = url.protocol.replace("ws", "http");
    if (this.#inPath) url.pathname = url.pathname.replace(/\/[^/]+$/, "");
    return { url: url.href, headers: { authorization: `Bearer ${this.#token}` } };
  }
  /** What a stranger said, which may repeat the URL. */
  hide(text) {
    return text.replaceAll(this.#token, "\u2026");
  }
  #with(flags) {
    const url = new URL(this.#url.href);
    for (const [name, value] of Object.entries({ ...this.#flags, ...flags })) {
      if (value !== void 0) url.searchParams.set(name, value);
    }
    return url;
  }
};
function parse2(url) {
  let parsed;
  try {
    parsed = new URL(url, globalThis.location?.href);
  } catch {
    throw new TypeError("url is not a URL");
  }
  parsed.protocol = parsed.protocol.replace("http", "ws");
  if (!/^wss?:$/.test(parsed.protocol)) {
    throw new TypeError("url must begin with ws://, wss://, http:// or https://");
  }
  parsed.hash = "";
  return parsed;
}

// options.js
var NUMBERS = {
  /** The first retry waits up to this long; each further one up to twice as long. */
  baseDelayMs: [500, 1],
  /** No retry waits longer. A server that was restarted is found again within this time. */
  maxDelayMs: [2e4, 1],
  /** A connection that was open for this long was stable: the delays start again. */
  stableMs: [1e4, 0],
  /** So many attempts in a row without a stable connection end the client. */
  maxAttempts: [Infinity, 1],
  /** From the beginning of an attempt to the listener's `hello`. */
  connectTimeoutMs: [1e4, 1],
  /** Silence after which the listener is asked; 0: as often as the listener itself asks. */
  heartbeatMs: [0, 0],
  /** How long the listener may take to answer that. */
  answerTimeoutMs: [1e4, 1],
  /** How long finding out why a handshake failed may take, for each request. */
  probeTimeoutMs: [3e3, 1],
  /** How long `close()` waits for the listener's half of the closing handshake. */
  closeTimeoutMs: [2e3, 1],
  /** How many events a `for await` may be behind before the connection pauses. */
  maxBuffered: [1024, 1],
  /** How many messages wait for the listener, and how many bytes of them: one that never comes back must not fill the memory. */
  maxQueued: [1e3, 1],
  maxQueuedBytes: [1 << 20, 1],
  /**
   * While the socket holds more bytes than this that the network has not taken, it gets nothing more. What it has can
   * neither be dropped nor be replaced by something newer, so it is little; the network itself holds as much again.
   */
  maxBufferedBytes: [64 << 10, 1]
};
var MAX_MS = 2 ** 31 - 1;
var CLOCK = {
  now: () => Date.now(),
  setTimeout: (call, ms) => setTimeout(call, ms),
  clearTimeout: (timer) => clearTimeout(timer)
};
function readOptions(given) {
  const { url, token, binary, silent, since, signal, ...rest } = typeof given === "string" || given instanceof URL ? { url: given } : { ...given };
  const {
    WebSocket = globalThis.WebSocket,
    // Called as a plain function: `fetch` of a browser refuses any other `this` than the window.
    fetch = globalThis.fetch?.bind(globalThis),
    clock = CLOCK,
    random = Math.random,
    lifecycle = globalThis.addEventListener && globalThis,
    ...numbers
  } = rest;
  for (const name of Object.keys(numbers)) {
    if (!(name in NUMBERS)) throw new TypeError(`there is no option ${name}`);
  }
  const settings = { signal, WebSocket, fetch, clock, random, lifecycle };
  for (const [name, [standard, least]] of Object.entries(NUMBERS)) {
    const value = numbers[name] ?? standard;
    if (typeof value !== "number" || !(value >= least && (value <= MAX_MS || value === standard))) {
      throw new RangeError(`${name} must be a number from ${least} to ${MAX_MS}`);
    }
    settings[name] = value;
  }
  settings.target = new Target({ url, token, binary, silent });
  settings.since = readSince(since ?? settings.target.since);
  if (WebSocket) return settings;
  throw new TypeError(
    "this platform has no WebSocket: install the package ws, and give new EventClient({ url, WebSocket }) its class"
  );
}
function readSince(since) {
  const position = typeof since === "number" ? { seq: since } : since;
  if (position && !(Number.isSafeInteger(position.seq) && position.seq >= 0)) {
    throw new TypeError("since must be a position { epoch, seq } of a client, or a number");
  }
  return position;
}

// position.js
var Position = class {
  #epoch;
  #seq;
  /** The texts of the messages with the number `#seq`, if more may belong to them that have not come. */
  #open = /* @__PURE__ */ new Set();
  /** From a request to resume until the listener has answered it. */
  #asked = false;
  /** What this connection has said in its `hello`. */
  #hello;
  /** `since` is where to begin: a position, perhaps without an epoch. */
  constructor(since) {
    this.#epoch = since?.epoch;
    this.#seq = since?.seq;
  }
  /** `{epoch, seq}` to store and to give to a later client; `null` before the first `hello`. */
  get value() {
    return this.#epoch === void 0 ? null : { epoch: this.#epoch, seq: this.#seq };
  }
  /** A new connection begins: the flags of its URL. */
  begin() {
    this.#hello = void 0;
    this.#asked = this.#seq !== void 0;
    if (!this.#asked) return {};
    return { epoch: this.#epoch, since: this.#seq - (this.#open.size > 0 ? 1 : 0) };
  }
  /** The messages to deliver for one that came: itself, nothing, or a gap before it. */
  take(message, text) {
    if (!this.#hello) {
      this.#hello = message.data;
      if (!this.#asked) this.#moveTo(message.data.seq);
      return [message];
    }
    if (message.data?.to >= 0) {
      if (message.type === "gap") return [this.#gap(message)];
      if (message.type === "resumed") return [...this.#resumed(message.data.from), message];
    }
    if (typeof message.seq !== "number") return [message];
    const missing = this.#asked ? this.#resumed(this.#hello.seq + 1) : [];
    return this.#isNew(message, text) ? [...missing, message] : missing;
  }
  #gap(message) {
    const { from, to, reason: reason2 } = message.data;
    if (reason2 === "restart") {
      const previous = { epoch: this.#epoch, seq: this.#seq };
      this.#moveTo(to);
      return { ...message, data: { ...message.data, previous } };
    }
    this.#moveTo(reason2 === "ahead" ? from - 1 : Math.max(this.#seq, to));
    return message;
  }
  #moveTo(seq) {
    this.#epoch = this.#hello.epoch;
    this.#seq = seq;
    this.#open.clear();
  }
  /** The answer to the request to resume: `from` is the number of the next event. Gives a gap that was not told. */
  #resumed(from) {
    const previous = { epoch: this.#epoch, seq: this.#seq };
    const restarted = previous.epoch !== void 0 && previous.epoch !== this.#hello.epoch;
    const data = restarted ? { from: 1, to: from - 1, reason: "restart", previous } : { from: previous.seq + 1, to: from - 1, reason: "unknown" };
    this.#asked = false;
    this.#epoch = this.#hello.epoch;
    if (!restarted && data.from >= from) return [];
    this.#moveTo(from - 1);
    return [{ type: "gap", data }];
  }
  #isNew({ type, seq }, text) {
    if (type === "file:summary") {
      if (seq >= this.#seq) this.#open.clear();
      this.#seq = Math.max(this.#seq, seq);
      return true;
    }
    if (seq < this.#seq) return false;
    if (seq > this.#seq) this.#open.clear();
    this.#seq = seq;
    if (this.#open.has(text)) return false;
    if (type === "file:changed") this.#open.add(text);
    return true;
  }
};

// send-queue.js
var POLL_MS = 16;
var ID_WORDS = 5;
var MODES = ["reliable", "latest", "drop"];
var SendError = class extends Error {
  name = "SendError";
  constructor(code, message) {
    super(message);
    this.code = code;
  }
};
var SendQueue = class {
  /** Names this client to the listener, which keeps the number of its last reliable message. */
  id = crypto.getRandomValues(new Uint32Array(ID_WORDS)).join("-");
  #settings;
  /** What the socket has not got, in the order of the calls. */
  #waiting = /* @__PURE__ */ new Set();
  /** Reliable messages that the socket has got, in the order of their numbers. */
  #unacknowledged = /* @__PURE__ */ new Set();
  /** The bytes of all of them. */
  #bytes = 0;
  /** The number of the last reliable message. No number is used twice. */
  #last = 0;
  #socket = null;
  /** Names what the listener remembers of this client; `undefined` if it acknowledges nothing. */
  #memory;
  #timer;
  /** Why nothing is sent any more. */
  #ended;
  /** `settings`: the clock and the limits (options.js). */
  constructor(settings) {
    this.#settings = settings;
  }
  send(message, { mode = "reliable", key, repeat, signal } = {}) {
    const isText = typeof message === "string" && mode !== "reliable";
    const text = isText ? message : JSON.stringify(message);
    if (text === void 0) throw new TypeError("the message has no JSON form");
    if (!MODES.includes(mode)) throw new TypeError(`mode must be one of ${MODES}`);
    const now = mode !== "reliable" && !signal?.aborted && this.#waiting.size === 0 && this.#isClear();
    if (now) this.#socket.write(text);
    if (mode === "drop") return now;
    if (now) return Promise.resolve(true);
    const bytes = new TextEncoder().encode(text).length;
    const about = mode === "latest" ? `${key ?? message?.type ?? ""}` : void 0;
    const result = new Promise((resolve, reject) => {
      const entry = {
        message,
        mode,
        key: about,
        text,
        bytes,
        repeat,
        sent: false,
        resolve,
        reject
      };
      this.#add(entry, signal);
    });
    result.catch(() => {
    });
    return result;
  }
  /** What waits, in the order in which it is sent. Of what was `sent`, the acknowledgement is missing. */
  pending() {
    return this.#all().map(({ message, mode, key, sent }) => ({ message, mode, key, sent }));
  }
  clear() {
    this.#failAll("CLEARED", "clear() was called");
  }
  /**
   * A connection can be used: `bufferedAmount`, and `write(text)`. From its `hello` are the number of the last message that the
   * listener has taken, and the name of the memory that knows it; neither if it acknowledges nothing.
   */
  opened(socket, { taken, memory }) {
    this.#socket = socket;
    const known = memory && memory === this.#memory;
    this.#memory = memory;
    const all = this.#all();
    this.#unacknowledged.clear();
    this.#waiting = new Set(all);
    for (const entry of all) {
      if (!entry.sent) continue;
      if (!known && !entry.repeat) this.#fail(entry);
      else if (known && entry.n <= taken) this.#remove(entry).resolve();
    }
    this.#flush();
  }
  /** The connection is lost. There may be another one. */
  lost() {
    this.#socket = null;
    this.#settings.clock.clearTimeout(this.#timer);
    this.#timer = 0;
  }
  /** There will be no other connection. */
  end(message) {
    this.lost();
    this.#ended = message;
    this.#failAll("CLOSED", message);
  }
  /** The listener has taken everything up to `n`; with a `code` it has refused that one. */
  acknowledge({ n, code, message }) {
    for (const entry of this.#unacknowledged) {
      if (!(entry.n <= n)) break;
      if (entry.n === n && code) this.#fail(entry, code, message);
      else this.#remove(entry).resolve();
    }
  }
  #all() {
    return [...this.#unacknowledged, ...this.#waiting];
  }
  /** Throws if it cannot wait. */
  #add(entry, signal) {
    const all = this.#all();
    const replaced = entry.mode === "latest" && all.find(({ key }) => key === entry.key);
    const count = all.length + (replaced ? 0 : 1);
    const bytes = this.#bytes + entry.bytes - (replaced ? replaced.bytes : 0);
    const { maxQueued, maxQueuedBytes } = this.#settings;
    signal?.throwIfAborted();
    if (this.#ended) throw new SendError("CLOSED", this.#ended);
    if (count > maxQueued || bytes > maxQueuedBytes) {
      throw new SendError("QUEUE_FULL", `${maxQueued} messages or ${maxQueuedBytes} bytes wait`);
    }
    if (replaced) this.#remove(replaced).resolve(false);
    if (signal) {
      const abort = () => this.#remove(entry).reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      entry.forget = () => signal.removeEventListener("abort", abort);
    }
    if (entry.mode === "reliable") entry.n = ++this.#last;
    this.#bytes += entry.bytes;
    this.#waiting.add(entry);
    this.#flush();
  }
  #remove(entry) {
    entry.forget?.();
    if (!this.#waiting.delete(entry)) this.#unacknowledged.delete(entry);
    this.#bytes -= entry.bytes;
    return entry;
  }
  #fail(entry, code = "OUTCOME_UNKNOWN", message = "it was sent, and nobody knows whether the listener took it") {
    this.#remove(entry).reject(new SendError(code, message));
  }
  #failAll(code, message) {
    for (const entry of this.#all()) {
      if (entry.sent) this.#fail(entry);
      else this.#fail(entry, code, message);
    }
  }
  /** Whether the socket takes more now. */
  #isClear() {
    return this.#socket?.bufferedAmount <= this.#settings.maxBufferedBytes;
  }
  #flush() {
    for (const entry of this.#waiting) {
      if (!this.#isClear()) break;
      if (entry.mode === "latest") {
        this.#socket.write(entry.text);
        this.#remove(entry).resolve(true);
      } else if (!this.#memory) {
        this.#fail(entry, "NOT_SUPPORTED", "the listener is too old");
      } else {
        this.#socket.write(`{"type":"reliable","data":{"n":${entry.n},"message":${entry.text}}}`);
        this.#waiting.delete(entry);
        this.#unacknowledged.add(entry);
        entry.sent = true;
      }
    }
    if (this.#waiting.size > 0 && this.#socket && !this.#timer) {
      this.#timer = this.#settings.clock.setTimeout(() => {
        this.#timer = 0;
        this.#flush();
      }, POLL_MS);
    }
  }
};

// event-client.js
var OWN_NAMES = /* @__PURE__ */ new Set(["message", "event", "text", "binary", "statechange"]);
var EventClient = class {
  #settings;
  #emitter = new Emitter();
  #connection;
  #position;
  #queue;
  #buffers = /* @__PURE__ */ new Set();
  /** The Promise of `connect()`, and how to settle it. */
  #connected;
  #settlers;
  #closing;
  #forget;
  constructor(options) {
    this.#settings = readOptions(options);
    const { since, signal } = this.#settings;
    this.#position = new Position(since);
    this.#queue = new SendQueue(this.#settings);
    this.#connection = new Connection(this.#settings, {
      state: (state, hello) => this.#became(state, hello),
      flags: () => ({ ...this.#position.begin(), client: this.#queue.id }),
      message: (data) => this.#receive(data)
    });
    const abort = () => this.#end("ABORTED", "the signal was aborted");
    signal?.addEventListener("abort", abort);
    this.#forget = () => signal?.removeEventListener("abort", abort);
    if (signal?.aborted) abort();
  }
  get state() {
    return this.#connection.state;
  }
  get position() {
    return this.#position.value;
  }
  on(name, listener) {
    this.#emitter.on(name, listener);
    return this;
  }
  once(name, listener) {
    this.#emitter.once(name, listener);
    return this;
  }
  off(name, listener) {
    this.#emitter.off(name, listener);
    return this;
  }
  connect() {
    if (!this.#connected) {
      this.#connected = new Promise((resolve, reject) => this.#settlers = { resolve, reject });
      this.#connected.catch(() => {
      });
      this.#connection.start();
      this.#settle(this.state);
    }
    return this.#connected;
  }
  close() {
    return this.#end("CLOSED", "the client was closed");
  }
  [Symbol.asyncDispose ?? /* @__PURE__ */ Symbol.for("Symbol.asyncDispose")]() {
    return this.close();
  }
  notifyResume() {
    this.#connection.wake();
  }
  send(message, options) {
    return this.#queue.send(message, options);
  }
  pending() {
    return this.#queue.pending();
  }
  clear() {
    this.#queue.clear();
  }
  sendBinary(stream, offset, bytes) {
    this.#connection.write(encodeFrame(stream, offset, bytes));
  }
  [Symbol.asyncIterator]() {
    const { maxBuffered } = this.#settings;
    const why = reason("SLOW_CONSUMER", `a loop is ${maxBuffered} events behind`);
    const unpause = () => {
      if (![...this.#buffers].some((one) => one.isFull)) this.#connection.unpause();
    };
    const buffer = new EventBuffer(maxBuffered, {
      full: () => this.#connection.pause(why),
      room: unpause,
      stop: () => {
        this.#buffers.delete(buffer);
        unpause();
      }
    });
    this.#buffers.add(buffer);
    void this.connect();
    if (this.state.name === "closed") this.#endBuffers();
    return buffer;
  }
  #end(code, message) {
    return this.#closing ??= this.#connection.close(reason(code, message));
  }
  #became(state, hello) {
    if (state.name === "open") this.#queue.opened(this.#connection, hello);
    else if (state.name === "closed") this.#queue.end(state.reason.message);
    else this.#queue.lost();
    this.#settle(state);
    this.#emitter.emit("statechange", state);
    if (state.name === "closed") this.#endBuffers();
  }
  #settle(state) {
    if (state.name === "open") this.#settlers?.resolve();
    if (state.name === "closed") this.#settlers?.reject(this.#error(state));
  }
  #endBuffers() {
    this.#forget();
    const error = this.state.reason.code === "CLOSED" ? void 0 : this.#error(this.state);
    for (const buffer of this.#buffers) buffer.end(error);
    this.#buffers.clear();
  }
  #error({ reason: why }) {
    return why.code === "ABORTED" ? this.#settings.signal.reason : new ConnectionError(why);
  }
  #receive(data) {
    if (typeof data !== "string") {
      const frame = decodeFrame(data);
      if (frame !== null) this.#emitter.emit("binary", frame);
      return;
    }
    const message = parse(data);
    if (message?.type === "ack") this.#queue.acknowledge(message.data ?? {});
    if (typeof message !== "object" || message === null) this.#emitter.emit("text", data);
    else for (const one of this.#position.take(message, data)) this.#deliver(one);
  }
  #deliver(message) {
    this.#emitter.emit("message", message);
    if (typeof message.seq === "number" || message.type === "gap") {
      this.#emitter.emit("event", message);
      for (const buffer of this.#buffers) buffer.push(message);
    }
    if (!OWN_NAMES.has(message.type)) this.#emitter.emit(message.type, message);
  }
};
