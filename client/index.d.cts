// The client's types, for `require`. Made by scripts/client.cjs from the modules beside it: change those.

// The types of the reasons.

/** Why a connection ended, or could not be made. */
export interface Reason {
  /** For programs: `'TOKEN_ROTATED'`, `'UNREACHABLE'` and so on, as docs/client.md lists them, or a code of the listener. */
  readonly code: string;
  /** For people. Never has the token or the URL in it. */
  readonly message: string;
  /** The close code of the WebSocket, if it was open and closed. */
  readonly closeCode?: number;
  /** The HTTP status of the answer, if the handshake was refused. */
  readonly status?: number;
}

/** What `connect()` rejects with, and what a `for await` throws, when a client has ended for good. */
export class ConnectionError extends Error implements Reason {
  constructor(reason: Reason);
  readonly name: 'ConnectionError';
  readonly code: string;
  readonly closeCode?: number;
  readonly status?: number;
}

// The types of the place of a client in the stream of events.

/** Where a client is: store it, and give it to a later client as `since`. */
export interface EventPosition {
  /** The run of the listener's process that `seq` belongs to. */
  epoch: string;
  /** The number of the last event that was seen. */
  seq: number;
}

// What a client gets from its listener, with `loopwire.v1`. The types of each event stand beside the fixtures.


/** Anything that a listener sends as text. */
export interface WireMessage {
  type: string;
  payload?: string;
  data?: any;
  timestamp?: string;
  /** The number of an event; replies have none. */
  seq?: number;
}

/** Events that are missing. Both numbers are inclusive. */
export interface EventGap {
  type: 'gap';
  data: {
    from: number;
    to: number;
    /** PROTOCOL section 4; `'unknown'`: the listener ignored the request to resume. */
    reason: 'overflow' | 'restart' | 'ahead' | 'standby' | 'unknown';
    /** With `'restart'`: the place in the former epoch. Everything behind it is gone. */
    previous?: EventPosition;
  };
}

/** The messages by their `type`. */
export interface WireEventMap {
  gap: EventGap;
  [type: string]: any;
}

// The types of the client's options.


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

/** What tells of `online`, `offline`, `visibilitychange`, `freeze`, `resume` and `securitypolicyviolation`. */
export interface Lifecycle {
  addEventListener(type: string, listener: (event: any) => void, capture?: boolean): void;
  removeEventListener(type: string, listener: (event: any) => void, capture?: boolean): void;
}

export interface EventClientOptions {
  /** `ws://`, `wss://`, `http://` or `https://`, with the token in it or without. */
  url: string | URL;
  /** The token, if it is not in `url`. It then travels as a sub-protocol and is in no URL. */
  token?: string;
  /** Terminal output and the contents of files come as binary messages. Default: `false`. */
  binary?: boolean;
  /** No `file:changed`. Default: `false`. */
  silent?: boolean;
  /** Where to continue: a position, or `0` for everything that the listener still holds. Default: what comes from now on. */
  since?: EventPosition | number;
  /** Ends the client when it is aborted. */
  signal?: AbortSignal;
  /** The first retry waits up to this long, each further one up to twice as long. Milliseconds. Default: 500. */
  baseDelayMs?: number;
  /** The longest delay. Milliseconds. Default: 20000. */
  maxDelayMs?: number;
  /** A connection that was open for so long was stable: the delays start again. Milliseconds. Default: 10000. */
  stableMs?: number;
  /** So many attempts without a stable connection end the client, with the reason of the last one. Default: `Infinity`. */
  maxAttempts?: number;
  /** How long an attempt may take, up to `hello`. Milliseconds. Default: 10000. */
  connectTimeoutMs?: number;
  /** The silence after which the client asks whether the listener is there. Milliseconds. Default: 0, the listener's own. */
  heartbeatMs?: number;
  /** How long the listener may take to answer that. Milliseconds. Default: 10000. */
  answerTimeoutMs?: number;
  /** How long each request may take that finds out why a handshake failed. Milliseconds. Default: 3000. */
  probeTimeoutMs?: number;
  /** How long `close()` waits for the listener. Milliseconds. Default: 2000. */
  closeTimeoutMs?: number;
  /** How many events a `for await` may be behind before the connection pauses. Default: 1024. */
  maxBuffered?: number;
  /** How many messages wait for the listener, or for its acknowledgement. Default: 1000. */
  maxQueued?: number;
  /** How many bytes of them. Default: 1 MiB. */
  maxQueuedBytes?: number;
  /** While the socket holds more bytes than this that the network has not taken, messages wait. Default: 64 KiB. */
  maxBufferedBytes?: number;
  /** The class that connects. Default: `globalThis.WebSocket`. Node 20 has none: give it that of the package `ws`. */
  WebSocket?: new (url: any, protocols?: any) => WebSocketLike;
  /** Asks why a handshake failed. `null`: nothing is asked. Default: `globalThis.fetch`. */
  fetch?: ((url: string, init: any) => Promise<any>) | null;
  /** Default: `Date.now` and the timers of the platform. */
  clock?: Clock;
  /** A number from 0 to 1, for the jitter. Default: `Math.random`. */
  random?: () => number;
  /** What tells of the network and the page. `null`: nothing is heard. Default: `globalThis` where it is an event target. */
  lifecycle?: Lifecycle | null;
}

// The types of sending: how a message is to arrive, and what waits.

/** What is done with a message that cannot be sent at once, or whose connection is lost. */
export interface SendOptions {
  /**
   * - `reliable` (the default): waits for a connection, is sent again after a reconnect, and has its effect once. The
   *   Promise resolves when the listener has taken the message.
   * - `latest`: waits for a connection; one message waits per `key`, and a newer one replaces it. The Promise resolves
   *   to `true` when the message is sent, to `false` when it is replaced.
   * - `drop`: sent now or not at all, which is what the result says.
   */
  mode?: 'reliable' | 'latest' | 'drop';
  /** For `latest`: what the message is about. By default its `type`. */
  key?: string;
  /**
   * For `reliable`: send the message again also if the listener does not remember this client (it was started anew), so that
   * the message may have its effect twice. By default the Promise rejects with `OUTCOME_UNKNOWN` then.
   */
  repeat?: boolean;
  /** Ends the waiting: the Promise rejects with the signal's reason, and the message is not sent again. */
  signal?: AbortSignal;
}

/** A message that waits. */
export interface PendingMessage {
  message: unknown;
  mode: 'reliable' | 'latest';
  /** Of `latest`. */
  key?: string;
  /** Whether the message was sent, so that only its acknowledgement is missing. */
  sent: boolean;
}

/** Why a message was not sent, or what is not known of it. */
export class SendError extends Error {
  /**
   * `QUEUE_FULL`, `CLEARED`, `CLOSED` (the client has ended), `OUTCOME_UNKNOWN` (it was sent; nobody knows whether the listener
   * took it), `NOT_SUPPORTED` (the listener is older), or the code with which the listener refused it.
   */
  readonly code:
    | 'QUEUE_FULL'
    | 'CLEARED'
    | 'CLOSED'
    | 'OUTCOME_UNKNOWN'
    | 'NOT_SUPPORTED'
    | 'BAD_MESSAGE'
    | (string & {});
}

// The types of the event client.


declare global {
  // Older libraries of TypeScript do not have it.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** The states of a client. `attempt` counts from 1 since the last stable connection. */
export type State =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: number }
  | {
      readonly name: 'open';
      readonly attempt: number;
      readonly connectionId: string;
      readonly epoch: string;
    }
  | {
      readonly name: 'waiting';
      /** The number of the next attempt. */
      readonly attempt: number;
      readonly reason: Reason;
      /** When it begins, as `clock.now()` counts; `null` while a slow `for await` holds the client back. */
      readonly retryAt: number | null;
    }
  | { readonly name: 'closed'; readonly reason: Reason };

/** A binary message (PROTOCOL section 5). */
export interface BinaryMessage {
  stream: number;
  offset: number;
  bytes: Uint8Array;
}

/** What the client itself tells. */
export interface ClientEventMap {
  /** Each change of the state. `'open'` comes again after each reconnect: then subscribe again. */
  statechange: State;
  /** Each text message of the listener, and each gap that the client has found. */
  message: WireMessage;
  /** Each event, which is a message with a number, and each gap: what a `for await` gets. */
  event: WireMessage;
  /** A text that is not a JSON object: the application has sent it. */
  text: string;
  binary: BinaryMessage;
}

/** The names that `on` knows, and what their listeners get. */
export interface EventMap extends WireEventMap, ClientEventMap {}

/** A connection to a listener that is made again whenever it is lost, and continues where it was. */
export class EventClient implements AsyncIterable<WireMessage> {
  /** Starts nothing. Throws `TypeError` or `RangeError` for an invalid option; no error has the token in it. */
  constructor(options: string | URL | EventClientOptions);

  readonly state: State;
  /** The place behind the last event that was given out; `null` before the first connection. */
  readonly position: EventPosition | null;

  on<Name extends keyof EventMap>(name: Name, listener: (value: EventMap[Name]) => void): this;
  once<Name extends keyof EventMap>(name: Name, listener: (value: EventMap[Name]) => void): this;
  off<Name extends keyof EventMap>(name: Name, listener: (value: EventMap[Name]) => void): this;

  /** Starts the client. Resolves at the first `'open'`, rejects if it ends before. Each call gives the same Promise. */
  connect(): Promise<void>;
  /** Ends the client for good. Resolves when the connection is closed. May be called again. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;

  /** The host woke up: checks the connection now, or tries again now. */
  notifyResume(): void;

  /** Sends a message: a string as it is, everything else as JSON. `options.mode` says what becomes of it without a connection. */
  send(message: unknown, options: SendOptions & { mode: 'drop' }): boolean;
  send(message: unknown, options: SendOptions & { mode: 'latest' }): Promise<boolean>;
  send(message: unknown, options?: SendOptions & { mode?: 'reliable' }): Promise<void>;
  /** What waits, in the order in which it is sent. */
  pending(): PendingMessage[];
  /** Removes all that waits. Its Promises reject: `CLEARED`, or `OUTCOME_UNKNOWN` if the message was sent. */
  clear(): void;
  /** Sends now, if the client is open; nothing is kept for a later connection. */
  sendBinary(stream: number, offset: number, bytes: Uint8Array): void;

  /** The events from now on, and gaps. Starts the client. Ends when it is closed; throws if it ends for another reason. */
  [Symbol.asyncIterator](): AsyncIterableIterator<WireMessage>;
}
