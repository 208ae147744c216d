// The types of the channel: listeners, their options, `emit` and the end of both.

import type { Connection, NativeListener } from '../binding.js';
import type { Buffer } from './buffer.js';
import type { DetailedEvent, ForwardEvent, LoopwireEvent } from './wire/index.js';

/** What every event has: also one of the application's own, whose type could be any. */
export interface AnyEvent {
  type: string;
}

/** What the callback gets for each event: a Buffer of JSON, the same as a string, or the parsed object. */
export type Format = 'buffer' | 'string' | 'object';

/** What happened to a connection: it opened, receives events, waits for its turn, or ended. */
export type ConnectionChange = 'open' | 'active' | 'standby' | 'closed';

/** Why a connection ended. Both keys are set with `'closed'` only. */
export interface ConnectionInfo {
  /** The close code: one of RFC 6455 section 7.4, or one of 4000 and above (PROTOCOL section 3). */
  code?: number;
  /** The close reason; the empty string if the client gave none. */
  reason?: string;
}

/** The options of `startEventListener`. An option that is `undefined` counts as left out; an unknown one throws. */
export interface ListenerOptions {
  /**
   * The address to bind: an IP address or `'localhost'`. Default: `'127.0.0.1'`, which only programs on this
   * machine can reach. Any address that is not a loopback one needs `tls` or `insecure: true`; otherwise
   * `ERR_INSECURE_HOST` is thrown.
   */
  host?: string | undefined;
  /**
   * Makes the listener speak TLS 1.2 and 1.3, so that clients connect to `wss://` and `https://`. Default: no TLS.
   *
   * `{ cert, key }` are PEM texts, as strings or Buffers: the server's certificate, optionally followed by the
   * certificates up to its root, and its private key (RSA, ECDSA on P-256 or P-384, or Ed25519, not encrypted; not P-521,
   * not RSA-PSS). `'self-signed'` makes a new certificate and key for this listener, valid for one year, for the loopback names, the bound address and
   * `allowedHosts`. A pair that cannot be used throws before the port is bound: `ERR_TLS_CERT_INVALID`,
   * `ERR_TLS_CERT_EXPIRED`, `ERR_TLS_CERT_NOT_YET_VALID`, `ERR_TLS_KEY_INVALID`, `ERR_TLS_KEY_ENCRYPTED`,
   * `ERR_TLS_KEY_UNSUPPORTED`, `ERR_TLS_KEY_MISMATCH`, `ERR_TLS_INVALID`.
   */
  tls?: { cert: string | Uint8Array; key: string | Uint8Array } | 'self-signed' | undefined;
  /**
   * Allows a `host` that other machines can reach without TLS. Default: `false`, because whoever reads the network
   * traffic would read the events and the token.
   */
  insecure?: boolean | undefined;
  /**
   * More names that the Host header of a request may have, with or without a port; ASCII case is ignored. In
   * `*.example.com` the star stands for exactly one label: neither `example.com` nor `a.b.example.com` matches.
   * Default: none. The three loopback names, the bound address and, with `tls`, the names in the certificate are always
   * allowed, with the bound port. Every other name is refused, which stops DNS rebinding.
   */
  allowedHosts?: string[] | undefined;
  /**
   * More origins of web pages that may connect, compared exactly: `'https://app.example'`, `'app://mine'`. In
   * `'https://*.example.com'` the star stands for exactly one label.
   * Default: none. Pages of the three loopback names are always allowed, over http and https on any port, and so are
   * requests without an Origin header. Each page that is refused is named in one process warning.
   */
  allowedOrigins?: string[] | undefined;
  /**
   * Allows pages whose origin is `null` or `file://`, as the windows of an Electron application have. Default: `true`
   * inside Electron if the token has 22 characters or more, otherwise `false`.
   */
  allowFileOrigin?: boolean | undefined;
  /**
   * Which connections to `/ws/{token}` receive events: `'last'`, only the newest one, or `'all'`. Default: `'last'`,
   * as the SDK's page says. Connections of the sandbox's forms always receive events.
   */
  delivery?: 'last' | 'all' | undefined;
  /**
   * Whether the callback gets each event with its details: the same event with the further key `data` after `payload`
   * (PROTOCOL section 2, "Detail twins"). Default: `false`.
   */
  detail?: boolean | undefined;
  /**
   * Called for each message of a client that is not a command, in the order of arrival (PROTOCOL section 7).
   *
   * `data` is the message, `isBinary` tells whether it came as binary, `connection` is the client that sent it. Up to 64
   * messages wait; then reading from the clients pauses until one is taken, so none is lost. An exception that it
   * throws goes to `uncaughtException`. Default: none; a message is then answered with `BAD_MESSAGE`, or ignored on
   * a connection to `/ws/{token}`.
   */
  onMessage?: ((data: Buffer, isBinary: boolean, connection: Connection) => void) | undefined;
  /**
   * Called when a connection opens (`'open'`), begins to receive events (`'active'`), stops because a newer connection
   * receives them (`'standby'`), and ends (`'closed'`). Default: none.
   *
   * `info` has the close code and reason with `'closed'`, and is empty otherwise. Only connections to `/ws/{token}`
   * become `'active'` and `'standby'`. An exception that it throws goes to `uncaughtException`.
   */
  onConnection?:
    ((connection: Connection, change: ConnectionChange, info: ConnectionInfo) => void) | undefined;
  /**
   * The time between two pings, in milliseconds: 100 to 3600000. Default: 30000, as the sandbox's page says. A client that
   * answers nothing for two intervals is closed with code 4008.
   */
  heartbeatMs?: number | undefined;
  /**
   * How long a client may read nothing while data waits for it, in milliseconds: 100 to 3600000. Default: 30000. Then
   * its connection is dropped (4013, PROTOCOL section 3).
   */
  stallMs?: number | undefined;
  /**
   * The largest message that a client may send, in bytes: 1024 to 67108864. Default: 1048576 (1 MiB). A larger message
   * closes its connection with code 1009.
   */
  maxMessageBytes?: number | undefined;
  /** The most connections at a time: 1 to 65535. Default: 256. One more is answered with HTTP status 503. */
  maxConnections?: number | undefined;
  /**
   * Serves the inspector, a page that shows what this listener does: `GET /inspect`. Default: `false`; the route is then not
   * there.
   *
   * The page and its files need no token, and hold no data. What the page shows comes over the routes that need the token, for
   * which it asks; or it takes the token from the fragment of its URL (`/inspect#token=…`), which no browser sends. A token in
   * the query is refused.
   */
  inspector?: boolean | undefined;
  /**
   * What the callback gets: a Buffer (`'buffer'`), the JSON text (`'string'`), or the parsed JSON (`'object'`). Default:
   * `'buffer'`.
   *
   * Buffers of one batch share one ArrayBuffer of up to 64 KiB: a Buffer that you keep keeps the whole batch in memory,
   * and sending it to another process sends the whole batch. Copy it with `new Uint8Array(data)`; `Buffer.from(data)`
   * does not help, because its copy lies in a shared pool of 8 KiB.
   */
  format?: Format | undefined;
  /**
   * Closes the listener when it is aborted, as `server.listen` of Node does. An iteration that waits then throws an
   * `AbortError`. If it is aborted already, `startEventListener` throws that, and nothing is started.
   */
  signal?: AbortSignal | undefined;
}

/**
 * A running listener. `util.inspect`, `String` and `JSON.stringify` do not show its token.
 *
 * It is iterable: `for await (const event of listener)` gives what a callback gets. Each loop has all events from its start
 * on, however many loops there are, and beside a callback. Without a callback the first loop has all events since the
 * listener was started. No event is lost: while a loop does not take its events, publishers wait, as they do for a
 * callback. Leaving a loop ends that loop alone; `close()` ends all of them, and what they have not taken is dropped.
 */
export interface ChannelListener<Event = any> extends NativeListener, AsyncDisposable {
  /**
   * An iterator of the events from now on. Call its `return()` if you do not iterate it to its end: publishers wait for it.
   *
   * @example for await (const event of listener) console.log(event.toString());
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Event>;
  /**
   * `await using` calls `close()` at the end of the block, where Node has `Symbol.asyncDispose`.
   *
   * @example await using listener = startEventListener(0, generateToken(), console.log);
   */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Makes this listener keep the process alive again, which every listener does until it is closed.
   *
   * Takes nothing, returns the listener, throws nothing.
   *
   * @example listener.unref().ref();
   */
  ref(): this;
  /**
   * Lets the process end although this listener is open, as `server.unref()` of Node does.
   *
   * Takes nothing, returns the listener, throws nothing.
   *
   * @example startEventListener(0, generateToken(), console.log).unref();
   */
  unref(): this;
}

/**
 * Starts a listener: `callback` gets every event, and so do the WebSocket clients that connect to
 * `ws://127.0.0.1:{port}/ws/{token}`, in the same order.
 *
 * `port` is a whole number from 0 to 65535; 0 takes any free port, and `listener.port` tells which. `token` is
 * `[0-9A-Za-z._~-]{1,256}`; one of fewer than 16 characters causes one process warning. `callback` is called once for each
 * event, never inside another call of this package, and never after `close()` was called. An exception that it throws goes
 * to `uncaughtException`, and the next event still comes. No event is lost: while the callback is slow, publishers wait.
 * Leave it out, or give `null`, to iterate the listener instead: then the events wait for the first loop. If only clients are
 * to get events, give a function that does nothing.
 * `options` is described at `ListenerOptions`.
 *
 * Returns the listener, bound and accepting. It keeps the process alive until it is closed (see `unref()`).
 *
 * Throws before anything starts: `TypeError` `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or
 * `ERR_UNKNOWN_OPTION` (which names the nearest option), `RangeError` `ERR_SOCKET_BAD_PORT`,
 * `ERR_TOKEN_INVALID` or `ERR_OUT_OF_RANGE`, `Error` `ERR_INSECURE_HOST`, and the errors of the system with
 * `syscall`, `address` and `port` as in Node: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE`.
 *
 * Events: all types of PROTOCOL section 2, on every topic; `{"type":"fault"}` if a part of Loopwire failed.
 *
 * @example
 * const listener = startEventListener(8881, generateToken(), (data) => {
 *   console.log('SDK EVENT', data.toString());
 * });
 */
export function startEventListener(
  port: number,
  token: string,
  callback?: ((data: Buffer) => void) | null,
  options?: ListenerOptions & { format?: 'buffer' | undefined },
): ChannelListener<Buffer>;
/**
 * The same, with each event as a string of JSON.
 *
 * @example startEventListener(0, generateToken(), (json) => send(json), { format: 'string' });
 */
export function startEventListener(
  port: number,
  token: string,
  callback: ((json: string) => void) | null | undefined,
  options: ListenerOptions & { format: 'string' },
): ChannelListener<string>;
/**
 * The same, with each event as a parsed object: one of `LoopwireEvent`, told apart by its `type`.
 *
 * An application that emits events of its own gives the type of its callback's argument: `LoopwireEvent | MyEvent`. Events
 * that are in neither come all the same: a `switch` without `default` passes them over.
 *
 * @example startEventListener(0, generateToken(), ({ type }) => count(type), { format: 'object' });
 */
export function startEventListener<Event extends AnyEvent = LoopwireEvent>(
  port: number,
  token: string,
  callback: ((event: Event) => void) | null | undefined,
  options: ListenerOptions & { format: 'object'; detail?: false | undefined },
): ChannelListener<Event>;
/**
 * The same, with the details of each event.
 *
 * @example
 * startEventListener(0, generateToken(), (event) => {
 *   if (event.type === 'portStateUpdate') console.log(event.data.port, event.data.online);
 * }, { format: 'object', detail: true });
 */
export function startEventListener<Event extends AnyEvent = DetailedEvent>(
  port: number,
  token: string,
  callback: ((event: Event) => void) | null | undefined,
  options: ListenerOptions & { format: 'object'; detail: true },
): ChannelListener<Event>;
/** The same, where the options are a variable of the type `ListenerOptions`: what the callback gets depends on its `format`. */
export function startEventListener<Options extends ListenerOptions>(
  port: number,
  token: string,
  callback: ((event: any) => void) | null | undefined,
  options: Options &
    ('format' extends keyof Options ? (Format extends Options['format'] ? unknown : never) : never),
): ChannelListener;
/** The same, where `detail` is decided when the program runs. */
export function startEventListener<Event extends AnyEvent = LoopwireEvent>(
  port: number,
  token: string,
  callback: ((event: Event) => void) | null | undefined,
  options: ListenerOptions & { format: 'object' },
): ChannelListener<Event>;

/** The types that belong to the channel itself: `emit` refuses them with `ERR_EVENT_RESERVED`. */
type ReservedType =
  'hello' | 'ack' | 'gap' | 'resumed' | 'error' | 'fault' | 'ping' | 'pong' | 'active' | 'standby';

/** The types whose events have `data` and a `timestamp`. */
type DataType = `${'terminal' | 'file' | 'git' | 'snapshot'}:${string}`;

/**
 * What `emit` takes after a type: nothing for a bare event, a string or an object for those that have to have one, and
 * either for an event of the application's own.
 */
export type EmitArguments<Type extends string> = Type extends ReservedType
  ? never
  : Type extends 'restoreDone'
    ? []
    : Type extends ForwardEvent['type']
      ? [payload: string]
      : Type extends DataType
        ? [payload: object]
        : [payload?: string | object | undefined];

/**
 * Publishes an event of the application to every callback and client of this environment.
 *
 * `type` has 1 to 128 characters. A string as `payload` makes the event `{"type","payload"}`, an object makes
 * `{"type","data","timestamp"}`, no payload makes `{"type"}`. An event whose type is listed in PROTOCOL section 2 must have
 * the form that is given there. The type decides which clients get the event (PROTOCOL section 1): the SDK's events and the
 * application's own go to clients of `/ws/{token}`, those that begin with `terminal:`, `file:`, `git:` or `snapshot:` go to
 * sandbox clients; `terminal:started` and `terminal:exit` go to callbacks only.
 *
 * Returns `true`; or `false` if the event was published but its readers are behind by 75 % of the journal's
 * size. Then wait for `drained()` before you publish more, as for the `'drain'` of a stream.
 *
 * An object is published as `JSON.stringify` has it: a Map or a Set is `{}`, and a BigInt in it throws. Bytes (a Buffer, a
 * TypedArray, an ArrayBuffer) are refused: encode them, as with `buffer.toString('base64')`.
 *
 * Throws `TypeError` `ERR_INVALID_ARG_TYPE`, `ERR_EVENT_RESERVED` (`hello`, `gap`, `ping` and others belong to the
 * channel) or `ERR_EVENT_FORM`, `RangeError` `ERR_OUT_OF_RANGE` if `type` is too long or empty, `Error`
 * `ERR_EVENT_TOO_LARGE` (more than 1 MiB of JSON) or `ERR_JOURNAL_FULL` (nothing was published), and the errors of
 * `JSON.stringify`.
 *
 * @example emit('my:progress', { percent: 40 });
 */
export function emit<Type extends string>(type: Type, ...payload: EmitArguments<Type>): boolean;

/**
 * Waits until the readers of this environment have caught up: callbacks and loops. To be awaited after `emit` has returned
 * `false`.
 *
 * Resolves at once if they are not behind by 75 % of the journal's size, otherwise once they are behind by at most half of
 * it, and at `shutdown()`. It does not keep the process alive: what reads does. `signal` ends the wait: the Promise rejects
 * with an `AbortError`. Rejects with `TypeError` for wrong options.
 *
 * @example if (!emit('my:progress', { percent })) await drained();
 */
export function drained(options?: { signal?: AbortSignal | undefined }): Promise<void>;

/**
 * Stops every listener of this environment, those of `startCommunicate` and of `startEventListener`.
 *
 * Takes nothing, returns 0 at once, throws nothing. From then on no callback is called, `listener.closed` is true and
 * no listener keeps the process alive; clients are closed with code 1001. The ports are free a moment later:
 * `listener.close()` and `shutdown()` return Promises that wait for that.
 *
 * @example stopCommunicate();
 */
export function stopCommunicate(): number;

/**
 * Stops everything of this environment in order: listeners, forwarded ports, the workspace, threads. It corresponds to
 * the SDK's `SafeExit`.
 *
 * Takes nothing. No callback is called from this moment on. Resolves when all ports are free; never rejects. It may be
 * called again. A function called afterwards starts everything anew, with a new epoch (PROTOCOL section 4). Saved ports
 * stay saved.
 *
 * @example await shutdown();
 */
export function shutdown(): Promise<void>;
