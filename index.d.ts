// The public types of Loopwire: the generated ones, and what the face in index.js adds to them.

import type {
  Connection,
  Forwarded,
  NativeListener,
  NativeTerminal,
  NativeWorkspace,
  Probe,
  TerminalChunk,
  TerminalExit,
  Written,
} from './binding.js';

export {
  checkPortAvailable,
  cleanData,
  closeTokenChan,
  configure,
  createProxyByPortConfigs,
  createWithConfigure,
  createWithId,
  enableAutoRenew,
  enableAutoRotation,
  enableDebug,
  generateToken,
  getAPIHost,
  getAutoRefreshProxyCountLimit,
  getAutoRefreshProxyRateLimit,
  getConfigJSON,
  getConfigsJSON,
  getEnableAutoRenew,
  getPorts,
  getPortsAvailable,
  getPortsFreeWithLimit,
  getPortsWithLimit,
  getPortsWithStartLimit,
  getVersionInfo,
  initialize,
  isRunningPort,
  ports,
  putConfigPort,
  quickCreateAtPort,
  quickCreateProxies,
  removePort,
  restoreData,
  rotate,
  run,
  runAsync,
  sdkGetLastError,
  setAPIHost,
  setAutoRotationSetting,
  setConfigPorts,
  setEnableProxyAuth,
  setHeader,
  setProtocol,
  setProxyAuth,
  setQuery,
  setRangePort,
  setRenewSetting,
  setSaveDataPath,
  setUserCountryCode,
  startCommunicate,
  startHttpApi,
  stats,
  stopHttpApi,
  stopProxy,
  testPort,
  updateIpFormatAndPorts,
} from './binding.js';
export type {
  Connection,
  ConnectionState,
  Forwarded,
  ForwardStats,
  HttpApiOptions,
  ListenerAddress,
  ListenerStats,
  PortInfo,
  Probe,
  Settings,
  TerminalChunk,
  TerminalExit,
  UpstreamInfo,
  Written,
} from './binding.js';

/** What the callback gets for each event. */
export type Format = 'buffer' | 'string' | 'object';

/** What became of a connection. */
export type ConnectionChange = 'open' | 'active' | 'standby' | 'closed';

/** Why a connection ended; both keys come with `'closed'` only. */
export interface ConnectionInfo {
  /** The close code (RFC 6455 section 7.4; 4000 and up are listed in PROTOCOL section 3). */
  code?: number;
  /** The close reason; empty if the peer gave none. */
  reason?: string;
}

/** The options of `startEventListener`. One that is `undefined` was not given; unknown ones throw. */
export interface ListenerOptions {
  /**
   * The address to bind: an IP address or `'localhost'`. `'127.0.0.1'` by default: "The SDK WebSocket
   * server binds only to localhost" (seed 000). Any address that is not a loopback one needs `tls` or
   * `insecure: true`.
   */
  host?: string;
  /**
   * Has the listener speak TLS (1.2 and 1.3) instead of bare TCP, so that clients connect to `wss://` and `https://`.
   *
   * `{ cert, key }` are PEM texts, or Buffers of them: the server's certificate, which those that lead to its root
   * may follow, and its private key (RSA, ECDSA or Ed25519, not encrypted). `'self-signed'` makes a certificate with
   * a key of its own for this listener, valid for a year, for the loopback names, the bound address and
   * `allowedHosts`. What cannot be used throws before anything is bound: `ERR_TLS_CERT_INVALID`,
   * `ERR_TLS_CERT_EXPIRED`, `ERR_TLS_CERT_NOT_YET_VALID`, `ERR_TLS_KEY_INVALID`, `ERR_TLS_KEY_ENCRYPTED`,
   * `ERR_TLS_KEY_MISMATCH`, `ERR_TLS_INVALID`.
   */
  tls?: { cert: string | Uint8Array; key: string | Uint8Array } | 'self-signed';
  /**
   * Allows a `host` that others on the network can reach although nothing is encrypted: whoever reads the
   * network reads events and token. `false` by default (QUALITY section 5).
   */
  insecure?: boolean;
  /**
   * Further names that the request header Host may have, with or without a port; ASCII case is ignored.
   * By default the three loopback names, the bound address and, with `tls`, the certificate's names, with the bound
   * port (QUALITY section 5, DNS
   * rebinding).
   */
  allowedHosts?: string[];
  /**
   * Further origins of web pages, compared exactly: `'https://app.example'`, `'app://mine'`. By default
   * http(s) pages of the three loopback names, on any port; requests without an Origin always pass
   * (QUALITY section 5). A page that is refused gives one process warning that names it.
   */
  allowedOrigins?: string[];
  /**
   * Admits pages with the origin `null` and those of `file://`, as Electron's windows have them. `true`
   * inside Electron if the token has 22 characters or more, else `false`.
   */
  allowFileOrigin?: boolean;
  /**
   * Who of the SDK's form (`/ws/{token}`) receives: `'last'`, "only the last active connection" (seed 000),
   * or `'all'`. Sandbox connections (seed 004) receive anyway. `'last'` by default.
   */
  delivery?: 'last' | 'all';
  /**
   * Whether the callback's events come with their detail: the same event with an extra key `data` after
   * `payload` (PROTOCOL section 2, "Detail twins"). `false` by default.
   */
  detail?: boolean;
  /**
   * Called for each message of a client that is no command, in the order of arrival (PROTOCOL section 7).
   * 64 messages may wait; then the readers pause until one was taken, and nothing is lost. Without it such a
   * message is answered `BAD_MESSAGE`, or nothing on the SDK's form. What it throws goes to
   * `uncaughtException`.
   */
  onMessage?: (data: Buffer, isBinary: boolean, connection: Connection) => void;
  /**
   * Called when a connection opens, begins to receive (`'active'`), has to stand by for a newer one, and
   * ends. `info` holds the close code and reason with `'closed'`, and nothing else. `active` and `standby`
   * concern the SDK's form alone.
   */
  onConnection?: (connection: Connection, change: ConnectionChange, info: ConnectionInfo) => void;
  /**
   * Milliseconds between two pings, 100 to 3600000. 30000 by default (seed 004: "Server sends ping every 30
   * seconds"). A peer that answers nothing for two intervals is closed with 4008 (PROTOCOL section 3).
   */
  heartbeatMs?: number;
  /**
   * Milliseconds for which a client may take no byte of what waits for it, 100 to 3600000, 30000 by default;
   * then its connection is dropped (4013, PROTOCOL section 3).
   */
  stallMs?: number;
  /**
   * The largest message a client may send, in bytes, 1024 to 67108864. 1048576 (1 MiB) by default. A larger
   * one closes its connection with 1009.
   */
  maxMessageBytes?: number;
  /** How many connections there may be, 1 to 65535. 256 by default; one more is answered 503. */
  maxConnections?: number;
  /**
   * What the callback gets: a Buffer (`'buffer'`, the default: seed 000 calls `data.toString()`), the JSON
   * as a string (`'string'`), or what `JSON.parse` makes of it (`'object'`).
   *
   * Buffers of one batch share their memory: keeping one keeps up to 64 KiB; `Buffer.from(data)` copies.
   */
  format?: Format;
}

/** A running listener. `util.inspect`, `String` and `JSON.stringify` show no token. */
export interface ChannelListener extends NativeListener {
  /**
   * Lets this listener keep the process alive again, as every listener does until it is closed. Returns the
   * listener. Throws nothing.
   *
   * @example listener.unref().ref();
   */
  ref(): this;
  /**
   * Lets the process end although this listener is open, as `server.unref()` of Node does. Returns the
   * listener. Throws nothing.
   *
   * @example startEventListener(0, generateToken(), console.log).unref();
   */
  unref(): this;
}

/**
 * Starts the channel: every event reaches `callback`, and the WebSocket clients that connect to
 * `ws://127.0.0.1:{port}/ws/{token}` (seed 000), in the same order.
 *
 * `port` is a whole number from 0 to 65535, 0 for any free one (`listener.port` tells which). `token` is
 * `[0-9A-Za-z._~-]{1,256}`; fewer than 16 characters give one process warning. `callback` is called once per
 * event, never inside another call of ours, and never after `close()` was called; what it throws goes to
 * `uncaughtException`, and the next event still comes. No event is lost: while the callback is slow, those
 * who publish wait.
 *
 * Returns the listener, bound and accepting. It keeps the process alive until closed (`unref()`).
 *
 * Throws before anything has started: `TypeError` `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or
 * `ERR_UNKNOWN_OPTION` (which names the nearest one), `RangeError` `ERR_SOCKET_BAD_PORT`,
 * `ERR_TOKEN_INVALID` or `ERR_OUT_OF_RANGE`, `Error` `ERR_INSECURE_HOST`, and what the system says, with
 * `syscall`, `address` and `port` as Node has them: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE`.
 *
 * Events: all of PROTOCOL section 2, of every topic; `{"type":"fault"}` if a part of Loopwire failed.
 *
 * @example
 * const listener = startEventListener(8881, generateToken(), (data) => {
 *   console.log('SDK EVENT', data.toString());
 * });
 */
export function startEventListener(
  port: number,
  token: string,
  callback: (data: Buffer) => void,
  options?: ListenerOptions & { format?: 'buffer' },
): ChannelListener;
/**
 * The same with each event as a string of JSON.
 *
 * @example startEventListener(0, generateToken(), (json) => send(json), { format: 'string' });
 */
export function startEventListener(
  port: number,
  token: string,
  callback: (json: string) => void,
  options: ListenerOptions & { format: 'string' },
): ChannelListener;
/**
 * The same with each event parsed.
 *
 * @example startEventListener(0, generateToken(), ({ type }) => count(type), { format: 'object' });
 */
export function startEventListener(
  port: number,
  token: string,
  // What an event holds depends on its type: PROTOCOL section 2.
  callback: (event: any) => void,
  options: ListenerOptions & { format: 'object' },
): ChannelListener;

/**
 * Publishes an event of the application's own, to every callback and client of this environment.
 *
 * `type` has 1 to 128 characters. A string `payload` gives `{"type","payload"}`, an object
 * `{"type","data","timestamp"}`, none `{"type"}` alone. A type of PROTOCOL section 2 must have the form that
 * it has there; the type decides who sees the event (section 1): those of seed 000 and the application's own
 * reach SDK clients, `terminal:`, `file:`, `git:` and `snapshot:` sandbox clients; `terminal:started` and
 * `terminal:exit` reach callbacks alone.
 *
 * Returns `true`, or `false` when the event was taken but its readers are behind by 75 % of the journal's
 * bounds: publish less until it is `true` again, as with a stream's `write`.
 *
 * Throws `TypeError` `ERR_INVALID_ARG_TYPE`, `ERR_EVENT_RESERVED` (`hello`, `gap`, `ping`, … are the
 * channel's) or `ERR_EVENT_FORM`, `RangeError` `ERR_OUT_OF_RANGE` for the length of `type`, `Error`
 * `ERR_EVENT_TOO_LARGE` (more than 1 MiB of JSON) or `ERR_JOURNAL_FULL` (nothing was published), and what
 * `JSON.stringify` throws.
 *
 * @example emit('my:progress', { percent: 40 });
 */
export function emit(type: string, payload?: string | object): boolean;

/**
 * Stops the channel: every listener of this environment, `startEventListener`'s too (seed 000's counterpart
 * of `StartCommunicate`).
 *
 * Takes nothing and returns 0 at once. From then on no callback is called, `listener.closed` is true and
 * nothing keeps the process alive; clients hear 1001. The ports are free a moment later:
 * `listener.close()` and `shutdown()` return Promises for those who want to wait. Throws nothing.
 *
 * @example stopCommunicate();
 */
export function stopCommunicate(): number;

/**
 * Stops everything of this environment in order: listeners, forwarded ports, threads. The counterpart of the
 * SDK's `SafeExit`.
 *
 * Takes nothing. Resolves when all ports are free. Idempotent; what is called afterwards starts afresh, with
 * a new epoch (PROTOCOL section 4). Saved ports stay saved. No callback is called from this moment on.
 *
 * @example await shutdown();
 */
export function shutdown(): Promise<void>;

/** The same as `setEnableProxyAuth`: the SDK's pages have both names. */
export { setEnableProxyAuth as setEnableProxyAuthen } from './binding.js';
/** The same as `setProxyAuth`: the SDK's pages have both names. */
export { setProxyAuth as setProxyAuthen } from './binding.js';

/** An upstream proxy, as `forward` takes it and a provider's list has it. */
export interface Upstream {
  /** What it is called in events and configurations; its URL without credentials by default. */
  id?: string;
  /** What it speaks; `'direct'` is no proxy at all. `'https'` is TLS to the proxy. */
  protocol: 'http' | 'https' | 'socks5' | 'direct';
  /** A name or an address; left out for `'direct'` alone. */
  host?: string;
  /** 1 to 65535; left out for `'direct'` alone. */
  port?: number;
  /** For Basic or RFC 1929. It goes to this upstream and nowhere else. */
  username?: string;
  /** The same. */
  password?: string;
  /** Certificates in PEM that are trusted for this upstream besides the system's and `NODE_EXTRA_CA_CERTS`. */
  ca?: string;
  /** Where its traffic comes out; shown in `getConfigJSON`, and what filters go by. */
  country_code?: string;
  /** The same. */
  state?: string;
  /** The same. */
  city?: string;
  /** The same. */
  zip?: string;
  /** The same. */
  isp?: string;
  /** The same. */
  public_ip?: string;
}

/** The options of `forward`. One that is `undefined` was not given; unknown ones throw. */
export interface ForwardOptions {
  /** The local port: 1 to 65535, within the range (`updateIpFormatAndPorts`, `setRangePort`). */
  port: number;
  /**
   * The upstream: a URL (`'socks5://user:password@host:1080'`; `http`, `https`, `socks5`, `direct:`; user and password
   * percent-encoded; port 80, 443 or 1080 by default), an object, or `{ id }` of a proxy that the provider knows.
   */
  upstream: string | Upstream | { id: string };
  /** What the local port speaks: `'any'` by default, which is HTTP and SOCKS5, told apart by the first byte. */
  accept?: 'any' | 'http' | 'socks5';
  /** What a check of this port asks an HTTP upstream to connect to, in place of `configure({ probe })`. */
  probe?: Probe;
  /**
   * What becomes of connections under way when another upstream takes over: they go on with theirs (`'keep'`, the
   * default), may go on for 30 seconds (`'drain'`), or are reset at once (`'break'`).
   */
  onRotate?: 'keep' | 'drain' | 'break';
  /** Whether this port takes another upstream when its own fails, in place of `configure({ rotateOnError })`. */
  rotateOnError?: boolean;
  /**
   * Credentials that clients of this port have to show, in place of `setProxyAuth`'s: a username of 1 to 255 bytes
   * without a colon, a password of 1 to 255 bytes.
   */
  auth?: { username: string; password: string };
  /** The request's id in events; the upstream's id by default. */
  requestId?: string;
}

/**
 * Forwards a local port with rules of its own: `createWithId` for new code.
 *
 * Resolves once the upstream has handshaken: `portStateUpdate` and `forwardListCompleted` were published. Rejects
 * after `proxyError` with code `req_proxy_config_error` and the detail in the message; the port is not kept. A port
 * that is forwarded already changes its upstream and its rules.
 *
 * Throws at once: `TypeError` `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` (an upstream that is none: the message
 * says why and never shows it) or `ERR_UNKNOWN_OPTION`, `RangeError` `ERR_SOCKET_BAD_PORT`.
 *
 * With `setSaveDataPath` an upstream that was given here is saved with its password, in a file of mode 0600.
 *
 * @example
 * const { address, latencyMs } = await forward({ port: 60000, upstream: 'socks5://127.0.0.1:1080', onRotate: 'break' });
 */
export function forward(options: ForwardOptions): Promise<Forwarded>;

/** The options of `openWorkspace`. One that is `undefined` was not given; unknown ones throw. */
export interface WorkspaceOptions {
  /** Whether clients and the application may run commands. `true` by default; `false` is answered `NOT_ENABLED`. */
  terminal?: boolean;
  /** Whether clients and the application may read and write files. `true` by default; else `NOT_ENABLED`. */
  files?: boolean;
  /** Kept for the watching of files, which this version has not. `'auto'` by default. */
  watch?: 'auto' | 'onDemand' | false;
  /** Kept for git, which this version has not. `true` by default. */
  git?: boolean;
  /** Kept for snapshots, which this version has not. `true` by default. */
  snapshots?: boolean;
  /**
   * What runs a command: a program and its arguments, to which the command is added as the last. By default the
   * user's shell: `/bin/sh -c` on Linux, a login shell on macOS (PROTOCOL section 7).
   */
  shell?: string[];
  /** Added to the environment of each command; that of the process is the rest of it. */
  env?: Record<string, string | undefined>;
  /**
   * How long a client's command goes on without a connection that is attached to it, in milliseconds: 0 to 86400000, or
   * `Infinity`. 300000 (5 minutes) by default; the application's own commands go on. Then its processes get SIGTERM and, 2 s later, SIGKILL. As long is kept
   * what a command that has ended put out (`terminal:attach`).
   */
  detachMs?: number;
  /**
   * How much output of each command is kept for those who attach later: 4096 to 268435456 bytes, 1 MiB by default; 16 KiB are
   * kept at the least.
   */
  scrollbackBytes?: number;
  /** How many commands may run at a time: 1 to 4096, 64 by default; one more is refused `TOO_MANY_TERMINALS`. */
  maxTerminals?: number;
  /** Kept for the watching of files: 1 to 4096, 64 by default. */
  maxWatches?: number;
  /** The largest file that is read or written, in bytes: 1 GiB by default; a larger one is `FILE_TOO_LARGE`. */
  maxFileBytes?: number;
  /** How much one command may put out, in bytes, before it is killed. `Infinity` by default. */
  maxOutputBytes?: number;
}

/** What both `execute` and `terminal` can be told about a command. */
export interface CommandOptions {
  /** Where it runs: a directory inside the root, relative to it or absolute. The root by default. */
  cwd?: string;
  /** Added to its environment. */
  env?: Record<string, string | undefined>;
  /** How long it may run, in milliseconds: 1 to 86400000. Then SIGTERM and, 2 s later, SIGKILL. For ever by default. */
  timeoutMs?: number;
}

/** The options of `execute`. */
export interface ExecuteOptions extends CommandOptions {
  /** What it reads from its standard input, which then ends. Nothing by default. */
  input?: string | Uint8Array;
  /** What `stdout` and `stderr` are: strings (`'utf8'`, the default) or Buffers. */
  encoding?: 'utf8' | 'buffer';
  /** How much is collected of both together, in bytes: 16777216 (16 MiB) by default. */
  maxOutputBytes?: number;
}

/** What a command came to. */
export interface Executed<Output> extends TerminalExit {
  /** All it put out. */
  stdout: Output;
  /** All it put out as errors. */
  stderr: Output;
}

/** The options of `terminal`. */
export interface TerminalOptions extends CommandOptions {
  /** What runs, as a line for the shell. Without it the shell itself, for somebody who types. */
  command?: string;
  /** The id by which clients attach to it; `term-N` by default. */
  id?: string;
  /** Whether it gets a pseudo-terminal. `true` by default; `false` gives it pipes, with `stderr` apart. */
  pty?: boolean;
  /** Columns of the pseudo-terminal: 1 to 2000, 80 by default. */
  cols?: number;
  /** Rows of the pseudo-terminal: 1 to 2000, 24 by default. */
  rows?: number;
}

/** A running command. */
export interface Terminal extends NativeTerminal {
  /**
   * What it puts out, to the last byte, as Buffers. From the first `next()` on the command pauses while nobody takes
   * its output, and what was put out before comes first, as far as the scrollback holds it. Before that, and once the
   * loop was left, nothing holds it back.
   *
   * @example for await (const data of terminal.output) process.stdout.write(data);
   */
  readonly output: AsyncIterable<Buffer>;
  /**
   * The same with where each piece came from.
   *
   * @example for await (const { source, data } of terminal.chunks) process[source].write(data);
   */
  readonly chunks: AsyncIterable<TerminalChunk>;
  /**
   * How it ended: after its last byte, always. Never rejects while the workspace is open.
   *
   * @example const { exitCode, signal } = await terminal.exit;
   */
  readonly exit: Promise<TerminalExit>;
}

/** An open workspace (seed 004). */
export interface Workspace extends NativeWorkspace {
  /**
   * Runs a command to its end, with pipes, and collects what it puts out.
   *
   * `command` is a line for the shell. Resolves whatever its exit code is. Rejects with `code`: `PATH_OUTSIDE` or
   * `NOT_FOUND` for `cwd`, `TOO_MANY_TERMINALS`, `NOT_ENABLED`, `SPAWN_FAILED`, `ERR_OUTPUT_TOO_LARGE` (it was killed),
   * and `ERR_INVALID_ARG_TYPE` and the like for wrong options. The callbacks get `terminal:started` and
   * `terminal:exit`.
   *
   * @example const { exitCode, stdout } = await workspace.execute('git status --short');
   */
  execute(
    command: string,
    options?: ExecuteOptions & { encoding?: 'utf8' },
  ): Promise<Executed<string>>;
  /**
   * The same with bytes.
   *
   * @example const { stdout } = await workspace.execute('cat logo.png', { encoding: 'buffer' });
   */
  execute(
    command: string,
    options: ExecuteOptions & { encoding: 'buffer' },
  ): Promise<Executed<Buffer>>;
  /**
   * Starts a command in a terminal. Resolves once it runs; rejects as `execute` does, and with `ID_IN_USE`. Clients
   * can attach to it by its id.
   *
   * @example
   * const terminal = await workspace.terminal({ command: 'npm run dev', cols: 120, rows: 30 });
   * for await (const data of terminal.output) process.stdout.write(data);
   */
  terminal(options?: TerminalOptions): Promise<Terminal>;
  /**
   * Reads a file whole. `path` is relative to the root, or absolute and inside it. Rejects with `code`:
   * `PATH_OUTSIDE`, `NOT_FOUND`, `NOT_A_FILE`, `FILE_TOO_LARGE`, `NOT_PERMITTED`, `NOT_ENABLED`.
   *
   * @example const json = await workspace.readFile('package.json', 'utf8');
   */
  readFile(path: string, options?: null | { encoding?: null }): Promise<Buffer>;
  /**
   * The same as a string.
   *
   * @example const text = await workspace.readFile('README.md', { encoding: 'utf8' });
   */
  readFile(path: string, options: BufferEncoding | { encoding: BufferEncoding }): Promise<string>;
  /**
   * Writes a file whole: it lands by rename, or not at all. `mode` is that of a new file, 0 to 0o777; 0o644 less the
   * umask by default, and one that is there keeps its own. Rejects as `readFile` does.
   *
   * @example const { sha256 } = await workspace.writeFile('out/report.txt', text);
   */
  writeFile(path: string, data: string | Uint8Array, options?: { mode?: number }): Promise<Written>;
  /** Lets this workspace keep the process alive again, as it does until it is closed. */
  ref(): this;
  /** Lets the process end although this workspace is open. */
  unref(): this;
}

/**
 * Opens a workspace: a directory in which clients of this environment's listeners, and the application, may run
 * commands and read and write files (seed 004, PROTOCOL section 7). Without one they are answered `NO_WORKSPACE`.
 *
 * `root` is the path of a directory; no path may leave it (`PATH_OUTSIDE`). Commands run as the user who runs this
 * process and may do whatever that user may: whoever has a listener's token can run them. Leave out what is not needed.
 *
 * Returns the workspace. It keeps the process alive until closed (`unref()`); commands die with the process, however
 * that ends. Throws before anything has started: `TypeError` `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or
 * `ERR_UNKNOWN_OPTION`, `RangeError` `ERR_OUT_OF_RANGE`, `Error` `ERR_WORKSPACE_ROOT` (not there, not a directory) or
 * `ERR_WORKSPACE_OPEN` (there is one already: `close()` it first).
 *
 * @example
 * const workspace = openWorkspace('/opt/app');
 * const { stdout } = await workspace.execute('ls -la');
 */
export function openWorkspace(root: string, options?: WorkspaceOptions): Workspace;
