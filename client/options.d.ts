// The types of the client's options.

import type { EventPosition } from './position.js';

/** What the client uses of a WebSocket: that of browsers, Node, Bun and Deno, or the class of the package `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: any): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: any) => void): void;
}

/** Time as the client sees it, in milliseconds. */
export interface Clock {
  now(): number;
  setTimeout(call: () => void, ms: number): any;
  clearTimeout(timer: any): void;
}

/** What tells of `online`, `offline`, `visibilitychange`, `resume` and `securitypolicyviolation`. */
export interface Lifecycle {
  addEventListener(type: string, listener: (event: any) => void, capture?: boolean): void;
  removeEventListener(type: string, listener: (event: any) => void, capture?: boolean): void;
}

export interface EventClientOptions {
  /** `ws://`, `wss://`, `http://` or `https://`, with the token in it or without. */
  url: string | URL;
  /** The token, if it is not in `url`. It then travels as a sub-protocol and is in no URL. */
  token?: string | undefined;
  /** Terminal output and the contents of files come as binary messages. Default: `false`. */
  binary?: boolean | undefined;
  /** No `file:changed`. Default: `false`. */
  silent?: boolean | undefined;
  /** Where to continue: a position, or `0` for everything that the listener still holds. Default: what comes from now on. */
  since?: EventPosition | number | undefined;
  /** Ends the client when it is aborted. */
  signal?: AbortSignal | undefined;
  /** The first retry waits up to this long, each further one up to twice as long. Milliseconds. Default: 500. */
  baseDelayMs?: number | undefined;
  /** The longest delay. Milliseconds. Default: 20000. */
  maxDelayMs?: number | undefined;
  /** A connection that was open for so long was stable: the delays start again. Milliseconds. Default: 10000. */
  stableMs?: number | undefined;
  /** So many attempts without a stable connection end the client, with the reason of the last one. Default: `Infinity`. */
  maxAttempts?: number | undefined;
  /** How long an attempt may take, up to `hello`. Milliseconds. Default: 10000. */
  connectTimeoutMs?: number | undefined;
  /** The silence after which the client asks whether the listener is there. Milliseconds. Default: 0, the listener's own. */
  heartbeatMs?: number | undefined;
  /** How long the listener may take to answer that. Milliseconds. Default: 10000. */
  answerTimeoutMs?: number | undefined;
  /** How long each request may take that finds out why a handshake failed. Milliseconds. Default: 3000. */
  probeTimeoutMs?: number | undefined;
  /** How long `close()` waits for the listener. Milliseconds. Default: 2000. */
  closeTimeoutMs?: number | undefined;
  /** How many events a `for await` may be behind before the connection pauses. Default: 1024. */
  maxBuffered?: number | undefined;
  /** How many messages wait for the listener, or for its acknowledgement. Default: 1000. */
  maxQueued?: number | undefined;
  /** How many bytes of them. Default: 1 MiB. */
  maxQueuedBytes?: number | undefined;
  /** While the socket holds more bytes than this that the network has not taken, messages wait. Default: 64 KiB. */
  maxBufferedBytes?: number | undefined;
  /** The class that connects. Default: `globalThis.WebSocket`. Node 20 has none: give it that of the package `ws`. */
  WebSocket?: (new (url: any, protocols?: any) => WebSocketLike) | undefined;
  /** Asks why a handshake failed. `null`: nothing is asked. Default: `globalThis.fetch`. */
  fetch?: ((url: string, init: any) => Promise<any>) | null | undefined;
  /** Default: `Date.now` and the timers of the platform. */
  clock?: Clock | undefined;
  /** A number from 0 to 1, for the jitter. Default: `Math.random`. */
  random?: (() => number) | undefined;
  /** What tells of the network and the page. `null`: nothing is heard. Default: `globalThis` where it is an event target. */
  lifecycle?: Lifecycle | null | undefined;
}
