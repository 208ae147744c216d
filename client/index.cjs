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
  SandboxClient: () => SandboxClient,
  SendError: () => SendError,
  attach: () => attach
});
module.exports = __toCommonJS(index_exports);

// abort.js
function onAbort(signal, end) {
  if (signal?.aborted) end();
  else signal?.addEventListener("abort", end, { once: true });
  return () => signal?.removeEventListener("abort", end);
}

// sandbox/link/failure.js
function failure(code, message, cause) {
  return Object.assign(new Error(message, cause && { cause }), { code });
}
function aborted({ reason: reason2 }) {
  return Object.assign(failure("ABORT_ERR", "the operation was aborted", reason2), {
    name: "AbortError"
  });
}
var onAborted = (signal, end) => onAbort(signal, () => end(aborted(signal)));

// json.js
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}
var isCount = (value) => Number.isSafeInteger(value) && value >= 0;

// position.js
var MAX_OPEN = 1e3;
var Position = class {
  #epoch;
  /** The texts of the messages with the number `#seq`, if more may belong to them that have not come. */
  #open = /* @__PURE__ */ new Set();
  /** What this connection has said in its `hello`. */
  #hello;
  #seq;
  /** From a request to resume until the listener has answered it. */
  #asked;
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
    if (isCount(message.data?.from) && isCount(message.data.to)) {
      if (message.type === "gap") return [this.#gap(message)];
      if (message.type === "resumed") return [...this.#resumed(message.data.from), message];
    }
    if (!isCount(message.seq)) return [message];
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
    if (type === "file:changed" && this.#open.size < MAX_OPEN) this.#open.add(text);
    return true;
  }
};

// connection/target.js
var TOKEN = /^[0-9A-Za-z._~-]{1,256}$/;
var IN_PATH = /\/ws\/(?!(?:connections?|connect|disconnect)$)([^/]+)$/;
var LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;
var FLAGS = ["token", "v", "binary", "silent", "epoch", "since", "client"];
var Target = class {
  /** The token stays in the path: only then it is a connection of the SDK's form. */
  #inPath;
  #flags = {};
  #url;
  #token;
  /** What the URL said of `epoch` and `since`. */
  since;
  constructor({ url, token, ...flags }) {
    const parsed = parse2(url);
    const query = parsed.searchParams;
    const inPath = IN_PATH.exec(parsed.pathname)?.[1];
    const [first, ...others] = [token, inPath, query.get("token")].filter((one) => one != null);
    if (others.some((other) => other !== first)) {
      throw new TypeError("two different tokens were given");
    }
    if (typeof first !== "string" || !TOKEN.test(first)) {
      throw new TypeError("a token (0-9 A-Z a-z . _ ~ -) is needed, as an option or in url");
    }
    this.#token = first;
    this.#inPath = inPath !== void 0;
    for (const name of ["binary", "silent"]) {
      if (flags[name] ?? query.get(name) === "true") this.#flags[name] = "true";
    }
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
  /** Whether the page comes from there: then no permission is needed, whatever was said about it. */
  get isOwn() {
    return this.#url.host === globalThis.location?.host;
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
    throw new TypeError("url must begin with ws:, wss:, http: or https:");
  }
  parsed.hash = "";
  return parsed;
}

// options.js
var NUMBERS = {
  /** The first retry waits up to this long; each further one up to twice as long. */
  baseDelayMs: [500],
  /** No retry waits longer. A server that was restarted is found again within this time. */
  maxDelayMs: [2e4],
  /** A connection that was open for this long was stable: the delays start again. */
  stableMs: [1e4, 0],
  /** So many attempts in a row without a stable connection end the client. */
  maxAttempts: [Infinity],
  /** From the beginning of an attempt to the listener's `hello`. */
  connectTimeoutMs: [1e4],
  /** Silence after which the listener is asked; 0: as often as the listener itself asks. */
  heartbeatMs: [0, 0],
  /** How long the listener may take to answer that. */
  answerTimeoutMs: [1e4],
  /** How long finding out why a handshake failed may take, for each request. */
  probeTimeoutMs: [3e3],
  /** How long `close()` waits for the listener's half of the closing handshake. */
  closeTimeoutMs: [2e3],
  /** How many events a `for await` may be behind before the connection pauses. */
  maxBuffered: [1024],
  /** How many messages wait for the listener, and how many bytes of them: one that never comes back must not fill the memory. */
  maxQueued: [1e3],
  maxQueuedBytes: [1 << 20],
  /**
   * While the socket holds more bytes than this that the network has not taken, it gets nothing more. What it has can
   * neither be dropped nor be replaced by something newer, so it is little; the network itself holds as much again.
   */
  maxBufferedBytes: [64 << 10]
};
var MAX_MS = 2 ** 31 - 1;
var CLOCK = {
  now: () => Date.now(),
  setTimeout: (call2, ms) => setTimeout(call2, ms),
  clearTimeout: (timer) => clearTimeout(timer)
};
function readOptions(given) {
  const {
    url,
    token,
    binary,
    silent,
    since,
    signal,
    WebSocket = globalThis.WebSocket,
    // Called as a plain function: `fetch` of a browser refuses any other `this` than the window.
    fetch = globalThis.fetch?.bind(globalThis),
    clock = CLOCK,
    random = Math.random,
    lifecycle = globalThis.addEventListener && globalThis,
    ...numbers
  } = typeof given === "string" || given instanceof URL ? { url: given } : Object(given);
  for (const name of Object.keys(numbers)) {
    if (!Object.hasOwn(NUMBERS, name)) throw new TypeError(`there is no option ${name}`);
  }
  const settings = { signal, WebSocket, fetch, clock, random, lifecycle };
  for (const [name, [standard, least]] of Object.entries(NUMBERS)) {
    settings[name] = checkNumber(name, numbers[name] ?? standard, least, standard);
  }
  settings.target = new Target({ url, token, binary, silent });
  settings.since = readSince(since ?? settings.target.since);
  if (WebSocket) return settings;
  throw new TypeError(
    "there is no WebSocket: install the package ws, and give its class as WebSocket"
  );
}
function checkNumber(name, value, least = 1, standard) {
  if (typeof value === "number" && value >= least && (value <= MAX_MS || value === standard)) {
    return value;
  }
  throw new RangeError(`${name} must be a number from ${least} to ${MAX_MS}`);
}
function readSince(since) {
  const position = typeof since === "number" ? { seq: since } : since;
  if (position && !isCount(position.seq)) {
    throw new TypeError("since must be a number or { epoch, seq }");
  }
  return position;
}

// connection/close-reason.js
var CLOSE_CODES = {
  1001: ["LISTENER_CLOSED", "the listener is closing"],
  1002: ["PROTOCOL_ERROR", "a WebSocket protocol error", true],
  1006: ["CONNECTION_LOST", "the connection was lost"],
  1007: ["INVALID_UTF8", "a message was not UTF-8", true],
  1008: ["TOO_MANY_FRAMES", "too many frames were sent", true],
  1009: ["MESSAGE_TOO_BIG", "a message exceeded maxMessageBytes", true],
  1011: ["INTERNAL", "the listener has failed"],
  4001: ["DISCONNECTED", "the application disconnected this client", true],
  4003: ["TOKEN_ROTATED", "the token was rotated", true],
  4008: ["HEARTBEAT_MISSED", "this client was not heard"],
  4013: ["OVERTAKEN", "this client read too slowly"]
};
var MAX_TEXT_CHARS = 300;
function reason(code, message, fatal, more) {
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
  const body = parse(text);
  return reason(
    said(body?.code, `HTTP_${status}`),
    said(body?.error, `the handshake failed with HTTP status ${status}`),
    // 408, 425 and 429 say "later"; every other 4xx stays as it is until somebody changes something.
    status >= 400 && status < 500 && ![408, 425, 429].includes(status),
    // A date, which nobody sends, counts as left out, and so does less than nothing.
    { status, retryAfterMs: Math.max(0, retryAfter * 1e3) || 0 }
  );
}
var said = (text, otherwise) => typeof text === "string" ? text.slice(0, MAX_TEXT_CHARS) : otherwise;
var ConnectionError = class extends Error {
  constructor({ message, ...more }) {
    super(message);
    Object.assign(this, more, { name: "ConnectionError" });
  }
};

// connection/http.js
async function request({ fetch, clock }, ms, url, init) {
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(), ms);
  try {
    const response = await fetch(url, { signal: late.signal, ...init });
    return { response, text: await response.text() };
  } finally {
    clock.clearTimeout(timer);
  }
}

// connection/probe.js
var UPGRADE_REQUIRED = 426;
var MAX_RETRY_AFTER_MS = 6e5;
var FAILED = reason("CONNECT_FAILED", "the handshake failed, nobody knows why");
async function explain(settings, flags, lifecycle) {
  const { target, fetch, probeTimeoutMs } = settings;
  const look = fetch && !lifecycle.probeBlocked;
  const { url, headers } = target.probe(flags);
  const get = { headers, redirect: "manual" };
  const ask = (init) => request(settings, probeTimeoutMs, url, init).catch(() => {
  });
  let answer = look && await ask(get);
  if (!answer) {
    const alive = look && await ask({ mode: "no-cors" });
    await lifecycle.settled();
    if (lifecycle.blocked) return lifecycle.blocked;
    if (!look || lifecycle.probeBlocked) return FAILED;
    if (!alive) {
      return target.loopback && !target.isOwn && await localNetworkDenied() ? reason("LOCAL_NETWORK_BLOCKED", `the browser keeps this page from ${target.place}`, true) : reason("UNREACHABLE", `nothing answers at ${target.place}`);
    }
    answer = await ask(get);
    if (!answer) return settings.lifecycle ? refusedPage(target) : FAILED;
  }
  const { status, headers: told } = answer.response;
  if (status >= 400 && status !== UPGRADE_REQUIRED) {
    return refusedWith(status, target.hide(answer.text), told.get("retry-after"));
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

// connection/lifecycle.js
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

// connection/socket.js
var MAX_BODY_CHARS = 4096;
var Socket = class {
  #settings;
  #on;
  #socket;
  #done;
  #open;
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
    socket.once?.("unexpected-response", (request2, response) => this.#refused(request2, response));
  }
  /** Of an open socket; `Infinity` if it takes nothing any more, since its `readyState` is not 1 (`OPEN`). */
  get bufferedAmount() {
    const { readyState = 1, bufferedAmount } = this.#socket;
    return readyState === 1 ? bufferedAmount : Infinity;
  }
  /** What it does not take any more is lost, as what it has taken is. */
  send(data) {
    if (this.bufferedAmount < Infinity) this.#socket.send(data);
  }
  /** The closing handshake; resolves when it is done, or when the listener took too long. */
  async close() {
    this.#done = true;
    if (!this.#socket) return;
    const { clock, closeTimeoutMs } = this.#settings;
    let timer;
    const late = new Promise((resolve) => timer = clock.setTimeout(resolve, closeTimeoutMs));
    this.#close(1e3);
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
  #refused(request2, response) {
    let text = "";
    response.on("data", (piece) => {
      text += piece;
      if (text.length > MAX_BODY_CHARS) response.destroy();
    });
    response.on("close", () => {
      const { statusCode, headers } = response;
      const said2 = this.#settings.target.hide(text);
      this.#fail(refusedWith(statusCode, said2, headers["retry-after"]));
      request2.destroy();
    });
    response.on("error", () => {
    });
  }
};

// connection/backoff.js
function backoffDelay(failures, { baseDelayMs, maxDelayMs }, random) {
  return Math.round(random() * Math.min(maxDelayMs, baseDelayMs * 2 ** failures));
}

// connection/heartbeat.js
var LATE_MS = 2e3;
var Heartbeat = class {
  #on;
  #doubtful;
  #timer;
  #intervalMs = 0;
  #seenAt = 0;
  #asking;
  /** `ask` sends a ping; `dead` is called once, when the peer has not answered. */
  constructor(on) {
    this.#on = on;
  }
  start(intervalMs) {
    this.stop();
    this.#intervalMs = intervalMs;
    this.seen();
    this.#listen();
  }
  stop() {
    this.#on.clock.clearTimeout(this.#timer);
    this.#intervalMs = 0;
  }
  /** Something came from the peer. Cheap: it is called for each message. */
  seen() {
    this.#seenAt = this.#on.clock.now();
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
    this.#arm(this.#seenAt + this.#intervalMs - this.#on.clock.now(), () => {
      const quiet = this.#on.clock.now() - this.#seenAt;
      if (quiet >= 0 && quiet < this.#intervalMs) this.#listen();
      else this.#question(false);
    });
  }
  /** `doubtful`: the answer to the last question was waited for with a timer that came late. */
  #question(doubtful) {
    this.#asking = true;
    this.#doubtful = doubtful;
    this.#arm(this.#on.answerTimeoutMs, (late) => {
      if (late && !this.#doubtful) this.#question(true);
      else {
        this.stop();
        this.#on.dead();
      }
    });
    this.#on.ask();
  }
  #arm(ms, fire) {
    this.#on.clock.clearTimeout(this.#timer);
    const due = this.#on.clock.now() + ms;
    this.#timer = this.#on.clock.setTimeout(() => fire(this.#on.clock.now() - due > LATE_MS), ms);
  }
};

// connection/connection.js
var DEFAULT_HEARTBEAT_MS = 3e4;
var Connection = class {
  #settings;
  #on;
  #socket;
  #state = { name: "idle" };
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
  /** Sends on the open socket; without one the message is lost. */
  write(data) {
    if (this.isOpen) this.#socket.send(data);
  }
  /** The host woke up, or the network is back: asks now whether the listener is there, or tries again now. */
  wake() {
    if (this.isOpen) this.#heartbeat.check();
    if (this.#state.name !== "waiting") return;
    const { clock, baseDelayMs } = this.#settings;
    const retryAt = Math.max(clock.now(), this.#notBefore, this.#triedAt + baseDelayMs);
    if (retryAt < this.#state.retryAt) this.#wait(this.#state.reason, retryAt);
  }
  /** Leaves the listener until `unpause`: the journal keeps what this client cannot. */
  pause(why) {
    if (!this.isOpen) return;
    this.#paused = true;
    this.#attempt = 0;
    void this.#socket.close();
    this.#lost(why);
  }
  unpause() {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#state.name === "waiting") this.#try();
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
        reason("CONNECT_TIMEOUT", `no hello from ${target.place} in ${connectTimeoutMs} ms`)
      );
    }, connectTimeoutMs);
    const socket = new Socket(this.#settings, target.socket(flags), {
      message: (data) => {
        try {
          if (this.isOpen) this.#heartbeat.seen();
          else this.#greet(data);
          if (this.isOpen) this.#on.message(data);
        } catch {
          this.#refuse();
        }
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
    if (type !== "hello" || typeof hello?.epoch !== "string" || !isCount(hello.seq)) {
      return this.#refuse();
    }
    const { clock, heartbeatMs } = this.#settings;
    clock.clearTimeout(this.#timer);
    this.#openedAt = clock.now();
    const every = heartbeatMs || Number(hello.heartbeatMs) || DEFAULT_HEARTBEAT_MS;
    this.#heartbeat.start(Math.min(every, MAX_MS));
    const { connectionId, epoch } = hello;
    this.#become({ name: "open", connectionId, epoch, attempt: this.#attempt }, hello);
  }
  /** The server says what no listener says. */
  #refuse() {
    this.#socket?.abandon();
    const { place } = this.#settings.target;
    this.#lost(reason("UNEXPECTED_SERVER", `${place} does not speak loopwire.v1`, true));
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
    this.#state = state;
    this.#on.state(state, hello);
  }
};
function shown(why) {
  const { fatal: _, retryAfterMs: __, ...rest } = why;
  return rest;
}

// iterate.js
var EventBuffer = class {
  #end;
  #waiting = [];
  #sink;
  #limit;
  #on;
  #events = [];
  /** `on.full?.()` when no more should come, `on.room?.()` when half of it was taken, `on.stop()` when the loop ends. */
  constructor(limit, on) {
    this.#limit = limit;
    this.#on = on;
  }
  get isFull() {
    return this.#events.length >= this.#limit;
  }
  push(event) {
    if (this.#end) return;
    if (this.#sink) return this.#sink.push(event);
    const next = this.#waiting.shift();
    if (next) return next.resolve({ value: event, done: false });
    this.#events.push(event);
    if (this.#events.length === this.#limit) this.#on.full?.();
  }
  /** What came before is still given out. */
  end(error) {
    if (this.#end) return;
    this.#end = { error };
    this.#sink?.end(error);
    for (const next of this.#waiting.splice(0)) this.#finish(next);
  }
  /** Gives everything to `sink` at once, and the end: nothing is on the way when it is taken back by no sink. */
  pipe(sink) {
    if (sink) this.#sink?.end();
    this.#sink = sink;
    if (!sink) return;
    for (const event of this.#events.splice(0)) sink.push(event);
    if (this.#end) sink.end(this.#end.error);
  }
  next() {
    return new Promise((resolve, reject) => {
      if (this.#events.length > 0) {
        const value = this.#events.shift();
        if (this.#events.length === this.#limit >> 1) this.#on.room?.();
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
    else resolve({ done: true });
  }
};

// frame.js
var HEAD_BYTES = 12;
function bytesOf(data) {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(data) ? data : new DataView(data);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
function encodeFrame(stream, offset, data) {
  const bytes = bytesOf(data);
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

// send-queue.js
var POLL_MS = 16;
var ID_WORDS = 5;
var ENVELOPE_BYTES = 64;
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
    const bytes = new TextEncoder().encode(text).length + ENVELOPE_BYTES;
    const about = mode === "latest" ? `${key ?? message?.type ?? ""}` : void 0;
    const result = new Promise((resolve, reject) => {
      this.#add(
        { message, mode, key: about, text, bytes, repeat, sent: false, resolve, reject },
        signal
      );
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
    entry.forget = onAbort(signal, () => this.#remove(entry).reject(signal.reason));
    if (entry.mode === "reliable") entry.n = ++this.#last;
    this.#bytes += entry.bytes;
    this.#waiting.add(entry);
    this.#flush();
  }
  #remove(entry) {
    entry.forget();
    if (!this.#waiting.delete(entry)) this.#unacknowledged.delete(entry);
    this.#bytes -= entry.bytes;
    return entry;
  }
  #fail(entry, code = "OUTCOME_UNKNOWN", message = "it was sent, and nobody knows whether the listener took it") {
    const error = new SendError(code, message);
    this.#remove(entry).reject(error);
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

// dispose.js
var asyncDispose = Symbol.asyncDispose ?? /* @__PURE__ */ Symbol.for("Symbol.asyncDispose");

// deferred.js
function deferred() {
  let settle;
  const promise = new Promise((resolve, reject) => settle = { resolve, reject });
  promise.catch(() => {
  });
  return { promise, ...settle };
}

// emitter.js
var Emitter = class {
  #listeners = /* @__PURE__ */ new Map();
  on(name, listener, once = false) {
    if (typeof listener !== "function") throw new TypeError("the listener must be a function");
    this.#listeners.set(name, [...this.#listeners.get(name) ?? [], { listener, once }]);
  }
  once(name, listener) {
    this.on(name, listener, true);
  }
  off(name, listener) {
    const entries = this.#listeners.get(name) ?? [];
    const last = entries.findLast((entry) => entry.listener === listener);
    this.#listeners.set(
      name,
      entries.filter((entry) => entry !== last)
    );
  }
  emit(name, value) {
    for (const { listener, once } of this.#listeners.get(name) ?? []) {
      if (once) this.off(name, listener);
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
};

// event-client.js
var OWN_NAMES = /* @__PURE__ */ new Set(["message", "event", "text", "binary", "statechange"]);
var EventClient = class {
  #settings;
  #emitter = new Emitter();
  #connection;
  #buffers = /* @__PURE__ */ new Set();
  /** Of `connect()`. */
  #connected = deferred();
  #closing;
  #forget;
  #position;
  #queue;
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
    this.#forget = onAbort(signal, () => this.#end("ABORTED", "the signal was aborted"));
  }
  get state() {
    return this.#connection.state;
  }
  get position() {
    return this.#position.value;
  }
  /** What the socket has taken and the network has not. */
  get bufferedAmount() {
    return this.#connection.bufferedAmount;
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
    this.#connection.start();
    return this.#connected.promise;
  }
  close() {
    return this.#end("CLOSED", "the client was closed");
  }
  [asyncDispose]() {
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
    if (state.name === "open") {
      this.#queue.opened(this.#connection, hello);
      this.#connected.resolve();
    } else if (state.name === "closed") {
      this.#queue.end(state.reason.message);
      this.#connected.reject(this.#error(state));
    } else this.#queue.lost();
    this.#emitter.emit("statechange", state);
    if (state.name === "closed") this.#endBuffers();
  }
  #endBuffers() {
    this.#forget?.();
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
      if (frame) this.#emitter.emit("binary", frame);
      return;
    }
    const message = parse(data);
    if (message?.type === "ack") this.#queue.acknowledge(Object(message.data));
    if (Object(message) !== message) this.#emitter.emit("text", data);
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

// sandbox/socket/socket.js
var OWN = /* @__PURE__ */ new Set(["hello", "resumed", "active", "standby", "ack"]);
var CONNECTING = 0;
var OPEN = 1;
var CLOSING = 2;
var CLOSED = 3;
var SandboxSocket = class {
  #client;
  #emitter = new Emitter();
  #isOpen;
  /** Listeners for `open` that came late, and wait for their call. */
  #late = /* @__PURE__ */ new Set();
  #state = CONNECTING;
  /** Messages from before whoever awaited the connection could listen. */
  #early = [];
  constructor(client, clock) {
    Object.assign(this, { CONNECTING, OPEN, CLOSING, CLOSED });
    this.#client = client;
    client.on("statechange", (state) => this.#changed(state));
    client.on("binary", (frame) => this.#emitter.emit("binary", frame));
    client.on("message", (message) => {
      if (OWN.has(message.type)) return;
      if (this.#early) this.#early.push(message);
      else this.#emitter.emit("message", message);
    });
    const flush = () => {
      const early = this.#early;
      this.#early = void 0;
      for (const message of early) this.#emitter.emit("message", message);
    };
    client.once("hello", () => clock.setTimeout(flush, 0));
  }
  get readyState() {
    return this.#state;
  }
  on(name, listener) {
    this.#emitter.on(name, listener);
    this.#replay(name, listener, false);
    return this;
  }
  once(name, listener) {
    this.#emitter.once(name, listener);
    this.#replay(name, listener, true);
    return this;
  }
  off(name, listener) {
    this.#emitter.off(name, listener);
    if (name === "open") this.#late.delete(listener);
    return this;
  }
  send(message, options) {
    return this.#client.send(message, options);
  }
  sendBinary(stream, offset, bytes) {
    this.#client.sendBinary(stream, offset, bytes);
  }
  close() {
    if (this.#state !== CLOSED) this.#state = CLOSING;
    return this.#client.close();
  }
  [asyncDispose]() {
    return this.close();
  }
  /** `open` has been, but not for this listener. */
  #replay(name, listener, once) {
    if (name !== "open" || this.#state !== OPEN) return;
    this.#late.add(listener);
    queueMicrotask(() => {
      if (!this.#late.delete(listener) || this.#state !== OPEN) return;
      if (once) this.#emitter.off(name, listener);
      listener();
    });
  }
  #changed({ name, reason: reason2 }) {
    const wasOpen = this.#isOpen;
    this.#isOpen = name === "open";
    const isOver = name === "closed";
    if (isOver) this.#state = CLOSED;
    else if (this.#state !== CLOSING) {
      this.#state = this.#isOpen ? OPEN : CONNECTING;
    }
    if (this.#isOpen) this.#emitter.emit("open");
    else if (reason2) {
      if (reason2.code !== "CLOSED") this.#emitter.emit("error", new ConnectionError(reason2));
      if (wasOpen || isOver) this.#emitter.emit("close", { ...reason2, willReconnect: !isOver });
    }
  }
};

// sandbox/socket/calls.js
async function call(settings, path, init) {
  const { target, timeoutMs } = settings;
  const { url, headers } = target.probe();
  try {
    const { response, text } = await request(settings, timeoutMs, `${url.split("?")[0]}/${path}`, {
      ...init,
      headers: { ...headers, "content-type": "application/json" },
      // Behind a redirect somebody else would get the token.
      redirect: "error"
    });
    if (!response.ok) throw new ConnectionError(refusedWith(response.status, text));
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw failure("UNREACHABLE", "nothing answers as a listener", error);
  }
}

// sandbox/socket/websocket.js
var SandboxWebSocket = class {
  #common;
  #options;
  #sockets = /* @__PURE__ */ new Set();
  constructor(options, common) {
    this.#options = options;
    this.#common = common;
  }
  /** Resolves when it is open. Tries again until then, for `timeoutMs`. */
  async connect({ silent, binary, timeoutMs = this.#common.timeoutMs } = {}) {
    const { clock } = this.#common;
    checkNumber("timeoutMs", timeoutMs);
    const client = new EventClient({ ...this.#options, silent, binary });
    const socket = new SandboxSocket(client, clock);
    this.#sockets.add(socket);
    let why;
    let late;
    client.on("statechange", ({ name, reason: reason2 }) => {
      if (name === "closed") this.#sockets.delete(socket);
      else why = reason2 ?? why;
    });
    const timer = clock.setTimeout(() => {
      late = failure("NOT_CONNECTED", `there was no connection for ${timeoutMs} ms`, why);
      void client.close();
    }, timeoutMs);
    try {
      await client.connect();
      return socket;
    } catch (error) {
      throw late ?? error;
    } finally {
      clock.clearTimeout(timer);
    }
  }
  /** Whether the listener has a connection with this token. `false` if it cannot be reached. */
  async isConnected() {
    try {
      return (await call(this.#common, "connection")).wsConnected;
    } catch (error) {
      if (error.code === "UNREACHABLE") return false;
      throw error;
    }
  }
  /** The open connections. */
  async getConnections() {
    return (await call(this.#common, "connections")).connections;
  }
  /** Closes all connections of this token; those of this client are not made again. */
  async disconnect() {
    try {
      const body = JSON.stringify({ token: this.#common.token });
      await call(this.#common, "disconnect", { method: "POST", body });
    } finally {
      await this.close();
    }
  }
  /** Closes those of this client. */
  async close() {
    await Promise.all([...this.#sockets].map((socket) => socket.close()));
  }
};

// sandbox/watch.js
var MAX_WAITING = 16384;
var FileWatch = class {
  #link;
  #data;
  #settled = deferred();
  ready = this.#settled.promise;
  #isReady;
  /** Changes were dropped since too many waited. */
  #isBehind;
  #buffer;
  #forget = () => {
  };
  constructor(link, paths, { signal, events, ignore } = {}) {
    this.id = link.id();
    this.#link = link;
    this.#data = { id: this.id, paths: [paths].flat(), events, ignore, tagged: true };
    this.#buffer = new EventBuffer(MAX_WAITING, {
      room: () => this.#isBehind && this.overflow(),
      stop: () => this.#stop()
    });
    this.#forget = onAborted(signal, (error) => this.#stop(error));
    if (signal?.aborted) return;
    link.begin(this);
  }
  async close() {
    this.#buffer.return();
  }
  [asyncDispose]() {
    return this.close();
  }
  [Symbol.asyncIterator]() {
    return this.#buffer;
  }
  // What the link calls.
  opened() {
    return this.#link.send("file:watch", this.#data);
  }
  message(type, data) {
    if (type === "file:watching") {
      this.#settled.resolve(data);
      this.overflow();
      this.#isReady = true;
    } else if (type === "file:changed") {
      const { ignored: _, replaced: __, ...change } = data;
      this.#push(change);
    }
  }
  overflow(path = ".") {
    if (!this.#isReady) return;
    const timestamp = new Date(this.#link.clock.now()).toISOString();
    this.#isBehind = false;
    this.#push({ path, changeType: "overflow", size: 0, timestamp, isDirectory: true });
  }
  gap() {
    this.overflow();
  }
  ended(error) {
    this.#link.remove(this);
    this.#forget();
    this.#settled.reject(error);
    this.#buffer.end(error);
  }
  #push(change) {
    if (this.#buffer.isFull) this.#isBehind = true;
    else this.#buffer.push(change);
  }
  #stop(error) {
    const { id } = this;
    if (this.#link.has(id) && this.#link.isOpen) this.#link.send("file:unwatch", { id });
    this.ended(error ?? failure("GONE", "the watch was closed"));
  }
};

// sandbox/link/latest.js
var Latest = class {
  /** A new object for each value. */
  #current;
  #ended;
  #waiting = [];
  set(value) {
    this.#current = { value };
    this.#wake();
  }
  end() {
    this.#ended = true;
    this.#wake();
  }
  async *[Symbol.asyncIterator]() {
    for (let seen; ; ) {
      while (seen === this.#current) {
        if (this.#ended) return;
        await new Promise((resolve) => this.#waiting.push(resolve));
      }
      seen = this.#current;
      yield seen.value;
    }
  }
  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
};

// sandbox/link/operation.js
var CONFIRM_MS = 1e4;
var Operation = class {
  progress = new Latest();
  #link;
  #type;
  #data;
  #options;
  #settled = deferred();
  answer = this.#settled.promise;
  #isSent;
  #isHeard;
  #isCancelled;
  #timer;
  #cause;
  constructor(link, type, data, options) {
    this.id = data.id ?? link.id();
    this.#link = link;
    this.#type = type;
    this.#data = { ...data, id: this.id };
    this.#options = options;
    const { signal } = options;
    if (signal?.aborted) return this.ended(aborted(signal));
    if (link.has(this.id)) {
      return this.ended(failure("ID_IN_USE", "the id is in use"));
    }
    link.begin(this);
    const forget = onAborted(signal, (error) => {
      if (this.#options.cancel) this.cancel();
      else this.ended(error);
    });
    this.answer.then(forget, forget);
  }
  cancel() {
    this.#isCancelled = true;
    if (this.#isSent && this.#link.isOpen) this.#link.send("git:cancel", { id: this.id });
    else if (!this.#isSent) this.ended(failure("CANCELLED", "the operation was cancelled"));
  }
  opened() {
    if (!this.#isSent) {
      this.#isSent = true;
      return this.#link.send(this.#type, this.#data);
    }
    if (this.#isCancelled) this.cancel();
    if (!this.#isHeard) this.#timer = this.#link.clock.setTimeout(() => this.gap(), CONFIRM_MS);
  }
  broken() {
    this.#link.clock.clearTimeout(this.#timer);
  }
  /** Events are lost, among them perhaps its end. */
  gap() {
    const sentence = `messages were lost: nobody knows whether ${this.#type} was done`;
    if (this.#isSent) this.ended(failure("OUTCOME_UNKNOWN", sentence));
  }
  message(type, data) {
    const [topic, what] = type.split(":");
    if (!this.#type.startsWith(`${topic}:`)) return;
    this.#isHeard = true;
    this.broken();
    if (what === "progress") {
      if (data.phase !== "failed") this.progress.set(data);
    } else if (what === "credentialsRequired") this.#asked(data);
    else if (what === "error") this.ended(failure(data.code, data.message));
    else {
      this.#over();
      this.#settled.resolve(data);
    }
  }
  failed(error, command) {
    if (command !== "git:cancel") this.ended(error);
  }
  ended(error) {
    const { signal } = this.#options;
    this.#over();
    if (signal?.aborted && error.code === "CANCELLED") error = aborted(signal);
    if (this.#cause) error.cause = this.#cause;
    this.#settled.reject(error);
  }
  async #asked(question) {
    let answer;
    try {
      answer = await this.#options.onCredentials?.({ id: this.id, ...question });
    } catch (error) {
      this.#cause ??= error;
    }
    if (this.#link.has(this.id)) {
      this.#link.send("git:credentials", { ...answer ?? { cancel: true }, id: this.id });
    }
  }
  #over() {
    this.broken();
    this.#link.remove(this);
    this.progress.end();
  }
};
function operate(link, type, data, options = {}) {
  const operation = new Operation(link, type, data, options);
  return Object.assign(operation.answer, {
    id: operation.id,
    progress: operation.progress,
    ...options.cancel && { cancel: () => operation.cancel() }
  });
}

// sandbox/snapshots.js
var Snapshots = class {
  #link;
  constructor(link) {
    this.#link = link;
  }
  create({ signal, ...data } = {}) {
    return operate(this.#link, "snapshot:create", data, { signal });
  }
  restore(commitHash, { signal } = {}) {
    return operate(this.#link, "snapshot:restore", { commitHash }, { signal });
  }
  async list({ signal, ...data } = {}) {
    return (await this.#link.ask("snapshot:list", data, { again: true, signal })).snapshots;
  }
  diff(from, to, { signal, ...data } = {}) {
    data = { from, to: to ?? void 0, ...data };
    return this.#link.ask("snapshot:diff", data, { again: true, signal });
  }
  async delete(commitHash, options) {
    await this.#link.ask("snapshot:delete", { commitHash }, options);
  }
};

// sandbox/link/request.js
var Request = class {
  #link;
  #type;
  #data;
  #options;
  #settled = deferred();
  answer = this.#settled.promise;
  #isSent;
  #timer;
  /** What waits to be sent is not sent once this is over. */
  #gone = new AbortController();
  /**
   * @param {{again?: boolean, signal?: AbortSignal, opened?: (data: object) => void, broken?: () => void}} [options] `again`:
   *   it may be sent again if the connection breaks before the answer, since it has no effect or the same one. `opened` gets
   *   the `file:opened` of a transfer
   */
  constructor(link, type, data, options = {}) {
    this.id = link.id();
    this.#link = link;
    this.#type = type;
    this.#data = { ...data, id: this.id };
    this.#options = options;
    this.#wait();
    link.add(this);
    const forget = onAborted(options.signal, (error) => this.ended(error));
    this.answer.then(forget, forget);
  }
  opened() {
    this.#link.clock.clearTimeout(this.#timer);
    this.#isSent = true;
    if (!this.#type) return this.#done();
    return this.#link.send(this.#type, this.#data, { signal: this.#gone.signal });
  }
  broken() {
    this.#options.broken?.();
    if (this.#isSent && !this.#options.again) {
      const sentence = `the connection was lost: nobody knows whether ${this.#type} was done`;
      this.ended(failure("CONNECTION_LOST", sentence));
    } else this.#wait();
  }
  message(type, data) {
    if (type === "file:opened") this.#options.opened?.(data);
    else this.#done(data);
  }
  ended(error) {
    if (this.#gone.signal.aborted) return;
    this.#options.broken?.();
    this.#over();
    this.#settled.reject(error);
  }
  #done(data) {
    this.#over();
    this.#settled.resolve(data);
  }
  #over() {
    this.#link.clock.clearTimeout(this.#timer);
    this.#link.remove(this);
    this.#gone.abort();
  }
  /** A listener that is away for long is told: nobody should wait for a list for ever. */
  #wait() {
    const { clock, timeoutMs } = this.#link;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.ended(this.#link.late()), timeoutMs);
  }
};

// sandbox/link/link.js
var MAX_BUFFERED_BYTES = 1 << 20;
var LOOK_MS = 5;
var Link = class {
  #client;
  #options;
  isOpen = false;
  #reason;
  #members = /* @__PURE__ */ new Map();
  #streams = /* @__PURE__ */ new Map();
  #prefix;
  #made = 0;
  constructor(options, common) {
    this.#options = options;
    this.clock = common.clock;
    this.timeoutMs = common.timeoutMs;
    this.#prefix = Math.floor(common.random() * 2 ** 48).toString(36);
  }
  /** For a time limit, and why there is no connection. */
  late() {
    const sentence = `there was no connection for ${this.timeoutMs} ms`;
    return failure("NOT_CONNECTED", sentence, this.#reason);
  }
  /** A new id. */
  id() {
    return `${this.#prefix}-${++this.#made}`;
  }
  add(member) {
    this.#members.set(member.id, member);
    if (this.isOpen) this.#call(member, "opened");
    else this.#connect();
  }
  /** The same, for one that does not wait for a connection longer than a request does. */
  begin(member) {
    this.add(member);
    this.ask().catch((error) => member.ended(error));
  }
  has(id) {
    return this.#members.has(id);
  }
  remove(member) {
    if (this.#members.get(member.id) === member) this.#members.delete(member.id);
  }
  /** Gives the binary messages of a stream to `take` until the connection breaks. */
  bind(stream, take) {
    this.#streams.set(stream, take);
  }
  unbind(stream) {
    this.#streams.delete(stream);
  }
  /**
   * Sends a command, which takes the place of an earlier one with its type and id that still waits for the network. Rejects
   * if too much waits; whoever does not look at that is told nothing.
   */
  send(type, data, options) {
    const key = `${type} ${data.id}`;
    if (this.#client) return this.#client.send({ type, data }, { mode: "latest", key, ...options });
    const ended = Promise.reject(new ConnectionError(this.#reason));
    ended.catch(() => {
    });
    return ended;
  }
  sendBytes(stream, offset, bytes) {
    this.#client.sendBinary(stream, offset, bytes);
  }
  /** Resolves when the socket has room. */
  async room() {
    while (this.isOpen && this.#client.bufferedAmount > MAX_BUFFERED_BYTES) {
      await new Promise((resolve) => this.clock.setTimeout(resolve, LOOK_MS));
    }
  }
  /** A command and its answer: see `Request`. */
  ask(type, data, options) {
    return new Request(this, type, data, options).answer;
  }
  async close() {
    await this.#client?.close();
  }
  #connect() {
    if (this.#client) return;
    const client = this.#client = new EventClient({ ...this.#options, binary: true });
    client.on("statechange", (state) => this.#changed(state));
    client.on("message", (message) => this.#receive(message));
    client.on("binary", (frame) => this.#streams.get(frame.stream)?.(frame));
    client.connect().catch(() => {
    });
  }
  #changed({ name, reason: reason2 }) {
    if (this.isOpen !== (name === "open")) {
      this.isOpen = !this.isOpen;
      this.#streams.clear();
      this.#tell(this.isOpen ? "opened" : "broken");
    }
    this.#reason = reason2;
    if (name !== "closed") return;
    this.#client = void 0;
    this.#tell("ended", new ConnectionError(reason2));
  }
  #receive({ type, data }) {
    const { id, watches, ...rest } = Object(data);
    if (type === "gap") return this.#tell("gap");
    if (type === "file:overflow") return this.#tell("overflow", rest.root);
    for (const one of Array.isArray(watches) ? watches : [id]) {
      const member = this.#members.get(one);
      if (type !== "error") this.#call(member, "message", type, rest);
      else {
        const error = failure(rest.code, rest.message);
        this.#call(member, member?.failed ? "failed" : "ended", error, rest.command);
      }
    }
  }
  #tell(what, value) {
    for (const member of Array.from(this.#members.values())) this.#call(member, what, value);
  }
  /** A message in a form that no workspace gives, or that cannot be sent, ends whose it is, and not the process. */
  async #call(member, what, value, data) {
    try {
      await member?.[what]?.(value, data);
    } catch (error) {
      member.ended(error);
    }
  }
};

// sandbox/ports.js
var Ports = class {
  #link;
  constructor(link) {
    this.#link = link;
  }
  async list(options) {
    return (await this.#link.ask("port:list", {}, { again: true, ...options })).ports;
  }
  rotate(port, options) {
    return this.#link.ask("port:rotate", { port }, options);
  }
  async remove(port, options) {
    return (await this.#link.ask("port:remove", { port }, options)).removed;
  }
};

// sandbox/git.js
function git(link) {
  const operation = (name) => ({ signal, onCredentials, ...data }) => operate(link, `git:${name}`, data, { signal, onCredentials, cancel: true });
  return {
    clone: operation("clone"),
    fetch: operation("fetch"),
    pull: operation("pull"),
    push: operation("push"),
    checkout: operation("checkout")
  };
}

// sandbox/bytes.js
var toBytes = (data = "") => typeof data === "string" ? new TextEncoder().encode(data) : bytesOf(data);
function join(pieces2) {
  const all = new Uint8Array(pieces2.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces2) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}

// sandbox/terminal/counted-input.js
var WINDOW_BYTES = 512 << 10;
var PIECE_BYTES = 64 << 10;
var CountedInput = class {
  #send;
  /** What was not taken yet, in order: where it ends in all the input, and what to call when it was. */
  #waiting = [];
  #isOpen;
  /** Offsets: the end of what was written, sent, and taken by the command. */
  #end = 0;
  #sent = 0;
  #taken = 0;
  /** @param {(offset: number, bytes: Uint8Array) => void} send */
  constructor(send) {
    this.#send = send;
  }
  /** Resolves when the command has taken them. Until then they must not change. */
  write(bytes) {
    return new Promise((resolve, reject) => {
      this.#end += bytes.byteLength;
      this.#waiting.push({ bytes, end: this.#end, resolve, reject });
      this.taken(this.#taken);
    });
  }
  /** There is a connection, and the workspace has so many bytes. */
  resume(offset) {
    this.#isOpen = true;
    this.#sent = offset;
    this.#advance(offset);
  }
  lost() {
    this.#isOpen = false;
  }
  /** The command has taken so many bytes. */
  taken(offset) {
    this.#taken = offset;
    while (this.#waiting[0]?.end <= offset) this.#waiting.shift().resolve();
    this.#advance(offset);
  }
  /** It reads no more: what waits is dropped, or fails. */
  over(error) {
    this.#isOpen = false;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error) reject(error);
      else resolve();
    }
  }
  /** `known` are the bytes that the workspace has, perhaps from another client. */
  #advance(known) {
    if (this.#waiting.length === 0) {
      this.#end = Math.max(this.#end, known);
      this.#sent = this.#end;
    }
    if (!this.#isOpen) return;
    for (const { bytes, end } of this.#waiting) {
      while (this.#sent < end) {
        const room = Math.min(
          PIECE_BYTES,
          end - this.#sent,
          this.#taken + WINDOW_BYTES - this.#sent
        );
        if (room <= 0) return;
        const at = this.#sent - end + bytes.byteLength;
        this.#send(this.#sent, bytes.subarray(at, at + room));
        this.#sent += room;
      }
    }
  }
};

// sandbox/terminal/terminal.js
var MAX_UNREAD_BYTES = 256 << 10;
var ACK_BYTES = 64 << 10;
var IDLE_ACK_BYTES = 4 << 10;
var MAX_INPUT = 32 << 10;
var KILL_AFTER_MS = 2e3;
var RELIABLE = { mode: "reliable" };
var Terminal = class {
  #link;
  /** What starts it, and whether that was sent. */
  #execute;
  #isSent;
  #isRetried;
  #started = deferred();
  begun = this.#started.promise;
  #settled = deferred();
  exit = this.#settled.promise;
  #streams;
  #size;
  #queue = pieces();
  /** Up to where output was taken, has come, and is known to the workspace as taken. */
  #taken;
  #seen;
  #acked;
  #isRead;
  /** Output that nobody read was dropped; it is being fetched again. */
  #isDropped;
  #isRewinding;
  #isClosed;
  /** Up to where its output was there before this client. */
  #old;
  #hasEnded;
  /** The input before, and that of it which went in messages. */
  #typing = Promise.resolve();
  #messages = this.#typing;
  /** The bytes for a command with pipes. */
  #isCounted;
  #input = new CountedInput((at, bytes) => this.#link.sendBytes(this.#streams.stdin, at, bytes));
  /** Why input was refused, and why it is not known how the command ends. */
  #refused;
  #failure;
  /**
   * @param {{id: string | number, execute?: object, pid?: number, streams?: object, offset?: number, size?: object}} known
   *   `execute` is the command that starts it; without it, it runs already
   */
  constructor(link, { id, execute, pid, streams, offset, size }) {
    this.#link = link;
    this.id = id;
    this.pid = pid;
    this.#execute = execute;
    this.#streams = streams;
    this.#size = size;
    this.#isCounted = execute?.countInput;
    this.#taken = this.#seen = this.#acked = offset ?? 0;
    this.#old = execute || offset !== void 0 ? 0 : Infinity;
    link.add(this);
  }
  /** In the order of the calls. Resolves when the workspace has it; counted bytes, when the command has taken them. */
  write(data) {
    const isText = typeof data === "string";
    const isCounted = this.#isCounted && !isText;
    const typed = isText ? data : toBytes(data);
    const type = async () => {
      this.#check();
      if (isCounted && !this.#hasEnded) return this.#input.write(typed);
      for (let at = 0; at < typed.length && !this.#hasEnded; at += MAX_INPUT) {
        const piece = typed.slice(at, at + MAX_INPUT);
        const input = isText ? piece : btoa(String.fromCharCode(...piece));
        await this.#say("input", { input, encoding: isText ? "utf8" : "base64" }, RELIABLE);
      }
    };
    if (!isCounted) return this.#inTurn(type);
    return this.#typing = this.#messages.catch(() => {
    }).then(type);
  }
  resize(cols, rows) {
    this.#check();
    this.#size = { cols, rows };
    if (this.#link.isOpen) this.#say("resize", this.#size);
  }
  signal(name) {
    this.#check();
    this.#signal(name);
  }
  /** Behind all that was written. */
  eof() {
    this.#check();
    this.#inTurn(() => this.#say("eof", {}, RELIABLE)).catch(() => {
    });
  }
  /** The command goes on without this client. */
  async detach() {
    this.#leave(failure("DETACHED", "it was detached"), true);
  }
  /** Nobody wants it any more, for this reason. */
  abandon(error) {
    this.#signal("SIGKILL");
    this.#leave(error);
  }
  /** Ends the command, as that of the package. What was not taken is dropped. */
  async close() {
    if (this.#hasEnded || this.#failure) return;
    this.#isClosed = true;
    this.#isRead = false;
    this.#queue.end();
    this.#acknowledge();
    let timer;
    const kill = (name) => {
      this.#signal(name);
      timer = this.#link.clock.setTimeout(() => kill("SIGKILL"), KILL_AFTER_MS);
    };
    kill("SIGTERM");
    await this.exit.catch(() => {
    });
    this.#link.clock.clearTimeout(timer);
  }
  [asyncDispose]() {
    return this.close();
  }
  get output() {
    return this.#bytes();
  }
  get chunks() {
    return this.#chunks();
  }
  #signal(signal) {
    this.#say("signal", { signal }, RELIABLE);
  }
  #leave(error, quietly) {
    if (this.#link.isOpen) this.#say("detach");
    this.ended(error, quietly);
  }
  #inTurn(send) {
    this.#messages = this.#typing = this.#typing.catch(() => {
    }).then(send);
    return this.#typing;
  }
  async *#bytes() {
    for await (const { data } of this.#chunks()) yield data;
  }
  async *#chunks() {
    this.#read(true);
    try {
      for (; ; ) {
        const { done, value } = await this.#queue.next();
        if (done) return;
        this.#taken = value.offset + value.data.byteLength;
        this.#acknowledge();
        yield value;
      }
    } finally {
      this.#read(false);
    }
  }
  #read(isRead) {
    this.#isRead = isRead;
    if (isRead && this.#isDropped) this.#rewind().catch((error) => this.ended(error));
    this.#acknowledge();
  }
  // What `attach` of an xterm needs.
  /** Gives its output to `sink` as it comes, in place of an iteration: `push(chunk)`, `end(error)`. No sink ends that. */
  pipe(sink) {
    this.#queue.pipe(sink);
    this.#read(Boolean(sink));
  }
  /** What was piped is taken, up to here. */
  took(offset) {
    this.#taken = Math.max(this.#taken, offset);
    this.#acknowledge();
  }
  /** Whether the next output is from before: somebody else has answered what it asks. */
  get isReplaying() {
    return this.#taken < this.#old;
  }
  // What the link calls.
  opened() {
    if (this.#isRewinding) return;
    if (this.#streams) this.#attach();
    else return this.#isSent ? this.#recover() : this.#launch();
  }
  broken() {
    this.#input.lost();
  }
  message(type, data) {
    if (type === "terminal:started") {
      this.#know(data);
      this.#input.resume(0);
    } else if (type === "terminal:replayed") {
      if (data.truncated || this.#old === Infinity) this.#old = this.#seen;
      this.#isCounted = data.input >= 0;
      this.#input.resume(data.input);
      this.#started.resolve(this);
    } else if (type === "terminal:ack") this.#input.taken(data.offset);
    else if (type === "terminal:exit") {
      this.#hasEnded = true;
      this.#input.over();
      this.#settled.resolve(data);
      if (this.#isRewinding || this.#isDropped) return;
      this.#over();
      this.#queue.end();
    }
  }
  failed(error, command) {
    const isStart = command === "terminal:execute";
    if (isStart && error.code === "ID_IN_USE" && this.#isRetried) return this.#recover();
    if (isStart || command === "terminal:attach") this.ended(error);
    else if (error.code !== "GONE") this.#refused = error;
  }
  ended(error, quietly) {
    this.#failure = error;
    this.#input.over(error);
    this.#over();
    this.#queue.end(quietly ? void 0 : error);
    this.#started.reject(error);
    this.#settled.reject(error);
  }
  #launch() {
    this.#isRetried = this.#isSent;
    this.#isSent = true;
    return this.#say("execute", { acknowledge: 0, ...this.#execute });
  }
  #attach() {
    this.#bind();
    const acknowledge = this.#acked = this.#isRead ? this.#taken : this.#seen;
    this.#say("attach", { offset: this.#seen, acknowledge, ...this.#size });
  }
  /** The connection broke before the answer to the command that starts it. */
  async #recover() {
    const row = (await list(this.#link)).find(({ id }) => id === this.id);
    if (!row) return this.#launch();
    if (row.nonce !== this.#execute.nonce) throw failure("ID_IN_USE", "the id is in use");
    this.#know(row);
    this.#attach();
  }
  #know({ pid, streams }) {
    this.pid = pid;
    this.#streams = streams;
    this.#bind();
    this.#started.resolve(this);
  }
  #bind() {
    for (const source of ["stdout", "stderr"]) {
      this.#link.bind(this.#streams[source], (frame) => this.#take(source, frame));
    }
  }
  #take(source, { offset, bytes }) {
    const end = offset + bytes.byteLength;
    if (this.#isRewinding || end <= this.#seen) return;
    const lost = Math.max(0, offset - this.#seen);
    const data = bytes.subarray(Math.max(0, this.#seen - offset));
    this.#seen = end;
    if (!this.#isDropped) {
      this.#queue.push({ source, offset: end - data.byteLength, data, ...lost && { lost } });
    }
    if (!this.#isRead) {
      if (this.#seen - this.#taken > MAX_UNREAD_BYTES && !this.#isClosed) {
        this.#isDropped = true;
        this.#queue = pieces();
      }
      this.#acknowledge();
    }
  }
  #acknowledge() {
    const offset = this.#isRead ? this.#taken : this.#seen;
    const bytes = offset - this.#acked;
    if (bytes < (offset === this.#seen ? IDLE_ACK_BYTES : ACK_BYTES) || !this.#link.isOpen) return;
    this.#acked = offset;
    this.#say("ack", { offset });
  }
  /** Fetches again what was dropped, as far as the workspace has it. */
  async #rewind() {
    this.#isRewinding = true;
    this.broken();
    if (this.#link.isOpen) this.#say("detach");
    await list(this.#link);
    this.#isRewinding = this.#isDropped = false;
    this.#seen = this.#acked = this.#taken;
    this.#link.add(this);
  }
  #check() {
    const error = this.#failure ?? this.#refused;
    this.#refused = void 0;
    if (error) throw error;
  }
  #say(what, data, options) {
    return this.#link.send(`terminal:${what}`, { ...data, id: this.id }, options);
  }
  #over() {
    for (const stream of Object.values(this.#streams ?? {})) this.#link.unbind(stream);
    this.#link.remove(this);
  }
};
function pieces() {
  return new EventBuffer(Infinity, {});
}
async function list(link) {
  return (await link.ask("terminal:list", {}, { again: true })).terminals;
}

// sandbox/terminal/terminals.js
var MAX_OUTPUT_BYTES = 16 << 20;
function terminals(link) {
  async function create({ id = link.id(), pty = true, ...data } = {}) {
    await link.ask();
    return begin({ id, execute: { ...data, pty, countInput: !pty, nonce: link.id() } });
  }
  async function attach2(id, { offset, cols, rows } = {}) {
    const row = (await list(link)).find((one) => one.id === id);
    if (!row) throw failure("GONE", "no terminal has this id");
    const size = cols && rows && { cols, rows };
    return begin({ ...row, offset, size });
  }
  function begin(known) {
    if (link.has(known.id)) throw failure("ID_IN_USE", "the id is in use");
    return new Terminal(link, known).begun;
  }
  async function execute(command, { input, encoding, maxOutputBytes = MAX_OUTPUT_BYTES, signal, ...rest } = {}) {
    const typed = toBytes(input);
    const terminal = await create({ ...rest, command, pty: false });
    const abandon = (error) => terminal.abandon(error);
    const forget = onAborted(signal, abandon);
    const pieces2 = { stdout: [], stderr: [] };
    let bytes = 0;
    try {
      terminal.write(typed).catch(abandon);
      terminal.eof();
      for await (const { source, data, lost } of terminal.chunks) {
        if (lost) throw failure("OUTPUT_LOST", `${lost} bytes were overwritten`);
        bytes += data.byteLength;
        if (bytes > maxOutputBytes) {
          throw failure("ERR_OUTPUT_TOO_LARGE", `more than ${maxOutputBytes} bytes came`);
        }
        pieces2[source].push(data);
      }
    } catch (error) {
      abandon(error);
      throw error;
    } finally {
      forget();
    }
    const all = (source) => {
      const joined = join(pieces2[source]);
      return encoding === "buffer" ? joined : new TextDecoder().decode(joined);
    };
    return { ...await terminal.exit, stdout: all("stdout"), stderr: all("stderr") };
  }
  return Object.assign(create, { create, open: create, attach: attach2, execute, list: () => list(link) });
}

// sandbox/files.js
var PIECE_BYTES2 = 1 << 20;
var AHEAD = 3;
var MESSAGE_BYTES = 64 << 10;
var MAX_TRANSFERS = 16;
var Files = class {
  #link;
  #waiting = [];
  #running = 0;
  constructor(link) {
    this.#link = link;
  }
  /** A file, or a range of it, whole. */
  async read(path, options) {
    let all;
    let at = 0;
    const begin = (size) => all = new Uint8Array(size);
    for await (const piece of this.#pieces(path, options, begin)) {
      all.set(piece, at);
      at += piece.byteLength;
    }
    return all;
  }
  async readText(path, options) {
    return new TextDecoder().decode(await this.read(path, options));
  }
  /** The same piece by piece. */
  stream(path, options) {
    return this.#pieces(path, options);
  }
  /** Writes a file whole: a string, bytes, or an iterable of bytes with the option `size`. */
  async write(path, data, { mode, parents, size, signal, onProgress } = {}) {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const again = bytes?.byteLength >= 0;
    size ??= bytes?.byteLength;
    if (!(size >= 0)) {
      const error = new TypeError("size is needed if data is an iterable");
      throw Object.assign(error, { code: "ERR_INVALID_ARG_VALUE" });
    }
    return this.#turn(() => {
      let upload;
      const opened = ({ stream }) => {
        const mine = upload = { stream };
        const going = () => upload === mine;
        this.#send(again ? [bytes] : bytes, size, stream, going, onProgress).catch(
          (error) => request2.ended(error)
        );
      };
      const broken = () => {
        if (upload && this.#link.isOpen)
          this.#link.sendBytes(upload.stream, size + 1, new Uint8Array(1));
        upload = void 0;
      };
      const data2 = { path, mode, parents, size };
      const request2 = new Request(this.#link, "file:write", data2, {
        again,
        signal,
        opened,
        broken
      });
      return request2.answer;
    });
  }
  async #send(pieces2, size, stream, going, onProgress) {
    let at = 0;
    for await (const one of pieces2) {
      const piece = bytesOf(one);
      for (let from = 0; from < piece.byteLength; from += MESSAGE_BYTES) {
        await this.#link.room();
        if (!going()) return;
        const part = piece.subarray(from, from + MESSAGE_BYTES);
        if (at + part.byteLength > size) throw failure("BAD_SIZE", `more than ${size} bytes came`);
        this.#link.sendBytes(stream, at, part);
        at += part.byteLength;
        onProgress?.({ bytes: at, total: size });
      }
    }
    if (at < size && going()) throw failure("BAD_SIZE", `${at} bytes came instead of ${size}`);
  }
  async *#pieces(path, { offset = 0, length = Infinity, signal, onProgress } = {}, begin) {
    const first = await this.#piece(path, offset, Math.min(length, PIECE_BYTES2), signal);
    let asked = offset + first.bytes.byteLength;
    const isAll = first.bytes.byteLength < PIECE_BYTES2;
    const end = isAll ? asked : offset + Math.min(length, first.total - offset);
    begin?.(end - offset);
    const ahead = [];
    let at = offset;
    for (let piece = first; ; piece = await ahead.shift()) {
      const isSame = piece.version === first.version;
      if (!isSame || piece.bytes.byteLength < Math.min(PIECE_BYTES2, end - at)) {
        throw failure("FILE_CHANGED", "the file changed while it was read");
      }
      while (asked < end && ahead.length < AHEAD) {
        const next = this.#piece(path, asked, Math.min(PIECE_BYTES2, end - asked), signal);
        next.catch(() => {
        });
        ahead.push(next);
        asked += PIECE_BYTES2;
      }
      at += piece.bytes.byteLength;
      onProgress?.({ bytes: at - offset, total: end - offset });
      yield piece.bytes;
      if (at >= end) return;
    }
  }
  #piece(path, offset, length, signal) {
    return this.#turn(async () => {
      let about;
      let parts;
      const opened = (data2) => {
        about = data2;
        parts = [];
        this.#link.bind(data2.stream, ({ bytes }) => parts.push(bytes));
      };
      const data = { path, offset, length };
      try {
        await this.#link.ask("file:read", data, { again: true, signal, opened });
      } finally {
        this.#link.unbind(about?.stream);
      }
      return { ...about, bytes: join(parts) };
    });
  }
  async #turn(act) {
    if (this.#running < MAX_TRANSFERS) this.#running += 1;
    else await new Promise((resolve) => this.#waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
};

// sandbox/sandbox-client.js
var TIMEOUT_MS = 3e4;
var SandboxClient = class {
  #link;
  constructor({ baseURL, token, timeoutMs = TIMEOUT_MS, ...rest } = {}) {
    checkNumber("timeoutMs", timeoutMs);
    const options = { ...rest, url: baseURL, token };
    const common = { ...readOptions(options), timeoutMs, token };
    this.#link = new Link(options, common);
    this.websocket = new SandboxWebSocket(options, common);
    this.terminal = terminals(this.#link);
    this.files = new Files(this.#link);
    this.git = git(this.#link);
    this.snapshots = new Snapshots(this.#link);
    this.ports = new Ports(this.#link);
  }
  watch(paths, options) {
    return new FileWatch(this.#link, paths, options);
  }
  // The names that `Workspace` has.
  execute(command, options) {
    return this.terminal.execute(command, options);
  }
  async readFile(path, options) {
    const { encoding = options, ...rest } = Object(options);
    return this.files[typeof encoding === "string" ? "readText" : "read"](path, rest);
  }
  writeFile(path, data, options) {
    return this.files.write(path, data, options);
  }
  /** Ends all that this client has begun, and its connections. */
  async close() {
    await Promise.all([this.#link.close(), this.websocket.close()]);
  }
  [asyncDispose]() {
    return this.close();
  }
};

// sandbox/terminal/attach.js
var RESET = "\x1Bc";
function attach(xterm, terminal, { onError = console.error } = {}) {
  let written = 0;
  const type = (data) => terminal.isReplaying || terminal.write(data).catch((error) => onError?.(error));
  const resize = () => {
    try {
      terminal.resize(xterm.cols, xterm.rows);
    } catch (error) {
      onError(error);
    }
  };
  const listeners = [
    xterm.onData(type),
    // Each character is a byte: reports of the mouse that are no UTF-8.
    xterm.onBinary((data) => type(Uint8Array.from(data, (char) => char.charCodeAt(0)))),
    xterm.onResize(resize)
  ];
  const detach = () => addon.dispose();
  const addon = {
    activate: resize,
    dispose() {
      for (const listener of listeners) listener.dispose();
      onError = void 0;
      terminal.took(written);
      terminal.pipe();
    },
    detach,
    [Symbol.dispose]: detach
  };
  xterm.loadAddon(addon);
  terminal.pipe({
    push({ offset, data, lost }) {
      const end = written = offset + data.byteLength;
      if (lost) xterm.write(RESET);
      xterm.write(data, () => terminal.took(end));
    },
    end(error) {
      if (error) onError(error);
      detach();
    }
  });
  return addon;
}
