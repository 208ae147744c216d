// The options of a client: checked before anything starts, with what the platform gives as default.

import { isCount } from './json.js';
import { Target } from './connection/target.js';

/** Times in milliseconds, and counts: default, and least if that is not 1. */
const NUMBERS = {
  /** The first retry waits up to this long; each further one up to twice as long. */
  baseDelayMs: [500],
  /** No retry waits longer. A server that was restarted is found again within this time. */
  maxDelayMs: [20_000],
  /** A connection that was open for this long was stable: the delays start again. */
  stableMs: [10_000, 0],
  /** So many attempts in a row without a stable connection end the client. */
  maxAttempts: [Infinity],
  /** From the beginning of an attempt to the listener's `hello`. */
  connectTimeoutMs: [10_000],
  /** Silence after which the listener is asked; 0: as often as the listener itself asks. */
  heartbeatMs: [0, 0],
  /** How long the listener may take to answer that. */
  answerTimeoutMs: [10_000],
  /** How long finding out why a handshake failed may take, for each request. */
  probeTimeoutMs: [3_000],
  /** How long `close()` waits for the listener's half of the closing handshake. */
  closeTimeoutMs: [2_000],
  /** How many events a `for await` may be behind before the connection pauses. */
  maxBuffered: [1_024],
  /** How many messages wait for the listener, and how many bytes of them: one that never comes back must not fill the memory. */
  maxQueued: [1_000],
  maxQueuedBytes: [1 << 20],
  /**
   * While the socket holds more bytes than this that the network has not taken, it gets nothing more. What it has can
   * neither be dropped nor be replaced by something newer, so it is little; the network itself holds as much again.
   */
  maxBufferedBytes: [64 << 10],
};

/** Timers of every platform hold 31 bits of milliseconds; a longer time would fire at once. */
export const MAX_MS = 2 ** 31 - 1;

// Looked up at each call, so that a test that replaces the platform's timers is heard.
const CLOCK = {
  now: () => Date.now(),
  setTimeout: (call, ms) => setTimeout(call, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

export function readOptions(given) {
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
  } = typeof given === 'string' || given instanceof URL ? { url: given } : Object(given);
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
    'there is no WebSocket: install the package ws, and give its class as WebSocket',
  );
}

export function checkNumber(name, value, least = 1, standard) {
  if (typeof value === 'number' && value >= least && (value <= MAX_MS || value === standard)) {
    return value;
  }
  throw new RangeError(`${name} must be a number from ${least} to ${MAX_MS}`);
}

function readSince(since) {
  const position = typeof since === 'number' ? { seq: since } : since;
  if (position && !isCount(position.seq)) {
    throw new TypeError('since must be a number or { epoch, seq }');
  }
  return position;
}
