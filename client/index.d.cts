// The client's types, for `require`. Made by scripts/client.cjs from the modules beside it: change those.

import type {
  ServerMessageMap,
  GitAuthentication,
  GitPhase,
  GitQuestionKind,
  ChangeType,
  SkippedReason,
  SnapshotKind,
  SnapshotPhase,
} from '../types/wire/index.js';

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

/** The messages by their `type`. Events of the application have types of their own. */
export interface WireEventMap extends Omit<ServerMessageMap, 'gap'> {
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
  mode?: 'reliable' | 'latest' | 'drop' | undefined;
  /** For `latest`: what the message is about. By default its `type`. */
  key?: string | undefined;
  /**
   * For `reliable`: send the message again also if the listener does not remember this client (it was started anew), so that
   * the message may have its effect twice. By default the Promise rejects with `OUTCOME_UNKNOWN` then.
   */
  repeat?: boolean | undefined;
  /** Ends the waiting: the Promise rejects with the signal's reason, and the message is not sent again. */
  signal?: AbortSignal | undefined;
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
  /** `await using`: as `close()`. */
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
  /** Sends now, if the client is open; otherwise the message is lost. */
  sendBinary(stream: number, offset: number, bytes: ArrayBuffer | ArrayBufferView): void;

  /** The events from now on, and gaps. Starts the client. Ends when it is closed; throws if it ends for another reason. */
  [Symbol.asyncIterator](): AsyncIterableIterator<WireMessage>;
}

// The types of files: `sandbox.files`.

/** How far a transfer is. */
export interface FileProgress {
  bytes: number;
  total: number;
}

/** The options of `read`, `readText` and `stream`. */
export interface FileReadOptions {
  /** Where to begin. Default: 0. */
  offset?: number;
  /** How much is read at most. Default: all. */
  length?: number;
  /** Ends it: it rejects with an `AbortError`. */
  signal?: AbortSignal;
  /** Called after each piece. */
  onProgress?: (progress: FileProgress) => void;
}

/** The options of `write`. */
export interface FileWriteOptions {
  /** The mode that the file gets, 0 to 0o777. Default: an existing file keeps its mode. */
  mode?: number;
  /** Whether missing directories are made. Default: `false`. */
  parents?: boolean;
  /** How many bytes come: needed for an iterable. */
  size?: number;
  /** Ends it: it rejects with an `AbortError`, and the file is as it was. */
  signal?: AbortSignal;
  /** Called after each piece that was sent; it begins anew after a reconnect. */
  onProgress?: (progress: FileProgress) => void;
}

/** The result of a write. */
export interface FileWritten {
  path: string;
  size: number;
  /** The SHA-256 of what was written, in hexadecimal digits, as the workspace has computed it. */
  sha256: string;
  /** `false` if the file was written in place, since it could not be replaced. */
  atomic?: false;
}

/** Files. `path` is relative to the root of the workspace, or absolute inside it. */
export interface SandboxFiles {
  /**
   * Reads a file, or a range of it, whole. If the connection breaks it goes on where it was. Rejects with `code`: `NOT_FOUND`,
   * `PATH_OUTSIDE`, `NOT_A_FILE`, `FILE_TOO_LARGE`, `NOT_PERMITTED`, `FILE_CHANGED` (it was replaced or cut meanwhile).
   *
   * @example const bytes = await sandbox.files.read('logo.png');
   */
  read(path: string, options?: FileReadOptions): Promise<Uint8Array>;
  /** The same, as UTF-8. */
  readText(path: string, options?: FileReadOptions): Promise<string>;
  /**
   * The same, piece by piece of at most 1 MiB; 3 more are on the way at most.
   *
   * @example for await (const bytes of sandbox.files.stream('video.mp4')) await writer.write(bytes);
   */
  stream(path: string, options?: FileReadOptions): AsyncIterableIterator<Uint8Array>;
  /**
   * Writes a file whole, or not at all. A string or bytes are sent again if the connection breaks: a write that was complete
   * without anybody knowing is made a second time. An iterable is not: then it rejects with `CONNECTION_LOST`, and the file is
   * as it was, unless only the answer was lost. Rejects as `read` does, and with `NO_SPACE`, `FILE_TORN`, `BAD_SIZE`.
   *
   * @example await sandbox.files.write('out/report.txt', text, { parents: true });
   */
  write(
    path: string,
    data: string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options?: FileWriteOptions,
  ): Promise<FileWritten>;
}

// The types of git operations.


/** What a git operation authenticates with, if it is asked. */
export type GitAuth = GitAuthentication;

/** What git or ssh wants to know. */
export interface GitQuestion {
  id: string;
  kind: GitQuestionKind;
  /** The sentence in which it is asked. */
  prompt: string;
  url?: string;
  host?: string;
  username?: string;
  fingerprint?: string;
  /** How often this has been asked, from 1 on. */
  attempt: number;
}

/** The answer to a question: the key of its kind. `null` and `{ cancel: true }` refuse it. */
export type GitCredentials =
  | null
  | undefined
  | { cancel: true }
  | { username?: string; password?: string; passphrase?: string; accept?: boolean };

/** The options that all git operations have. */
export interface GitOptions {
  /** Its id in events. Default: a new one. */
  id?: string;
  auth?: GitAuth;
  /** Answers what git and ssh ask. The workspace asks the connection that has begun the operation, and no later one. */
  onCredentials?: (question: GitQuestion) => GitCredentials | Promise<GitCredentials>;
  /** Cancels it: then it rejects with an `AbortError`. */
  signal?: AbortSignal;
  /** The longest time that it may take, in milliseconds. Default: without limit. */
  timeoutMs?: number;
}

export interface GitCloneOptions extends GitOptions {
  url: string;
  /** The directory of the copy: missing, or empty. */
  targetDir: string;
  branch?: string;
  depth?: number;
}

export interface GitExchangeOptions extends GitOptions {
  repoPath: string;
  branch?: string;
  force?: boolean;
}

export interface GitCheckoutOptions extends GitOptions {
  repoPath: string;
  branch: string;
  create?: boolean;
}

/** How far a git operation is. */
export interface GitProgressInfo {
  /** From 0 to 100; it never falls. */
  percent: number;
  status: string;
  phase: GitPhase;
  received: number | null;
  total: number | null;
  bytes: number | null;
  bytesPerSecond: number | null;
}

/**
 * A git operation: a Promise of its result. It goes on without a connection; its end is learned when there is one again. Rejects
 * with the `code` of `git:error`, and with `OUTCOME_UNKNOWN` if the messages that tell its end are lost (a restart, a gap).
 */
export interface GitOperation extends Promise<{ commit: string | null }> {
  readonly id: string;
  /** How far it is, the latest figures each time. Ends with the operation, and never throws. */
  readonly progress: AsyncIterable<GitProgressInfo>;
  /** Ends it: then the Promise rejects with `CANCELLED`. */
  cancel(): void;
}

/** Git in the workspace. */
export interface SandboxGit {
  /** @example const { commit } = await sandbox.git.clone({ url: 'https://example.com/a.git', targetDir: 'a' }); */
  clone(options: GitCloneOptions): GitOperation;
  /** Gets what is new in the remote repository. */
  fetch(options: GitExchangeOptions): GitOperation;
  /** Gets what is new, and merges it into the branch that is checked out. */
  pull(options: GitExchangeOptions): GitOperation;
  /** Sends commits. */
  push(options: GitExchangeOptions): GitOperation;
  /** Checks out a branch, a tag or a commit. */
  checkout(options: GitCheckoutOptions): GitOperation;
}

// The types of forwarded ports.

/** A forwarded port. */
export interface SandboxPort {
  port: number;
  address: string;
  proxyId: string;
  online: boolean;
  /** Why it is online or offline: the `reason` of the last `portStateUpdate`. */
  reason: string;
  /** Since when it is online or offline. */
  since: string;
  upstream: string | null;
  latencyMs: number | null;
  lastError: string | null;
  connections: number;
  streams: number;
}

/** The forwarded ports of the listener's process. `signal` ends the waiting; what was asked for may still be done. */
export interface SandboxPorts {
  list(options?: { signal?: AbortSignal }): Promise<SandboxPort[]>;
  /** Gives a port another upstream. Rejects with `NOT_FORWARDED`, `ROTATE_FAILED`, and `CONNECTION_LOST`. */
  rotate(
    port: number,
    options?: { signal?: AbortSignal },
  ): Promise<{ port: number; proxyId: string; upstream: string; latencyMs: number | null }>;
  /** Ends it. Whether there was one. */
  remove(port: number, options?: { signal?: AbortSignal }): Promise<boolean>;
}

// The types of snapshots.


export interface SnapshotCreateOptions {
  /** A message of up to 16 KiB. Default: none. */
  message?: string;
  /** Removes older snapshots afterwards. */
  keep?: { count?: number; ageMs?: number };
  /** Ends the waiting: the Promise rejects with an `AbortError`. What was begun goes on. */
  signal?: AbortSignal;
}

/** A file or a directory that was left out. */
export interface SnapshotSkipped {
  path: string;
  reason: SkippedReason;
}

/** A snapshot that was taken. */
export interface SnapshotCreated {
  commitHash: string;
  isFirst: boolean;
  files: number;
  bytes: number;
  skipped: number;
  /** The first 100 of those. */
  skippedFiles: SnapshotSkipped[];
  removed: number;
  durationMs: number;
}

/** A restore that is complete. */
export interface SnapshotRestored {
  commitHash: string;
  /** The snapshot that holds what was there before. */
  safetyCommit: string;
  written: number;
  deleted: number;
  durationMs: number;
}

export interface SnapshotInfo {
  commitHash: string;
  message: string;
  createdAt: string;
  files: number;
  bytes: number;
  kind: SnapshotKind;
}

export interface SnapshotChange {
  path: string;
  changeType: ChangeType;
  oldPath?: string;
  size: number | null;
  oldSize: number | null;
}

export interface SnapshotDiff {
  changes: SnapshotChange[];
  total: number;
  truncated: boolean;
}

export interface SnapshotProgress {
  phase: Exclude<SnapshotPhase, 'failed'>;
  done: number;
  /** 0 while it is not known. */
  total: number;
  bytes: number;
}

/** A Promise of an operation's result, which also says how far the operation is. */
export interface SnapshotOperation<Result> extends Promise<Result> {
  readonly id: string;
  /** The latest figures each time. It ends with the operation and never throws. */
  readonly progress: AsyncIterable<SnapshotProgress>;
}

/** The snapshots of the workspace: all files as they were at a time. */
export interface SandboxSnapshots {
  /** @example const { commitHash } = await sandbox.snapshots.create({ message: 'before the upgrade' }); */
  create(options?: SnapshotCreateOptions): SnapshotOperation<SnapshotCreated>;
  /** Makes the files what they were. First a safety snapshot is made. */
  restore(
    commitHash: string,
    options?: { signal?: AbortSignal },
  ): SnapshotOperation<SnapshotRestored>;
  /** The snapshots, newest first. `limit` is 1 to 1000; default: 100. */
  list(options?: { limit?: number; signal?: AbortSignal }): Promise<SnapshotInfo[]>;
  /** What differs from one snapshot to another, or to the files as they are now. `limit` is 1 to 10000; default: 1000. */
  diff(
    from: string,
    to?: string | null,
    options?: { limit?: number; signal?: AbortSignal },
  ): Promise<SnapshotDiff>;
  /**
   * Deletes a snapshot. Rejects with `CONNECTION_LOST` if the connection breaks before the answer. `signal` ends the waiting; what
   * was asked for may still be done.
   */
  delete(commitHash: string, options?: { signal?: AbortSignal }): Promise<void>;
}

// The types of a terminal of a sandbox.

/** The end of a command. */
export interface TerminalExit {
  /** The exit code; `null` if a signal ended it. */
  exitCode: number | null;
  /** The signal that ended it, as `'SIGKILL'`; `null` if it ended by itself. */
  signal: string | null;
  /** How long it ran, in milliseconds. */
  durationMs: number;
  /** Why the workspace ended it; absent if it ended otherwise. */
  reason?: 'timeout' | 'output' | 'detached' | 'closed' | 'failed';
}

/** A piece of output. */
export interface TerminalChunk {
  /** The stream it came from; with a PTY always `'stdout'`. */
  source: 'stdout' | 'stderr';
  /** Its offset: the bytes of both streams since the command started. */
  offset: number;
  /** The bytes, unchanged. */
  data: Uint8Array;
  /**
   * How many bytes before it were overwritten before they could be sent; absent without a gap. In a PTY the first piece
   * behind a gap sets the modes of a screen that hold there.
   */
  lost?: number;
}

/** A running command. It has the members of a terminal of `Workspace`. */
export interface SandboxTerminal {
  readonly id: string | number;
  /** Its process id; `null` if it had ended when this client attached. */
  readonly pid: number | null;
  /**
   * Its output, complete to the last byte, also if the connection breaks on the way.
   *
   * As long as somebody iterates, the command pauses if its output is not taken: no more than a window (half of the
   * `scrollbackBytes` of the workspace, at most 1 MiB) is on the way or here. Otherwise it does not pause; what nobody takes is
   * dropped here and fetched again from the workspace, as far as that keeps it.
   *
   * Ends with the command. Throws `GONE` if the workspace has forgotten the terminal, and what ended the connection.
   *
   * @example for await (const bytes of terminal.output) screen.write(bytes);
   */
  readonly output: AsyncIterable<Uint8Array>;
  /** The same output, with the stream that each piece came from, and gaps. */
  readonly chunks: AsyncIterableIterator<TerminalChunk>;
  /**
   * Resolves when the command has ended and its last byte has come. Rejects with `GONE`, `DETACHED`, `CLOSED`, or what ended the
   * connection for good.
   */
  readonly exit: Promise<TerminalExit>;
  /**
   * Types into it, in the order of the calls. Everything arrives once, also if the connection breaks on the way. The Promise
   * resolves when the workspace has it. Rejects with `INPUT_FULL` if input before it was refused: the command reads none, and
   * 1 MiB waits.
   *
   * Bytes for a command with pipes may be as many as you like: no more of them are under way than the command takes. The
   * Promise resolves when it has taken them all, and the array must not change before. Take the output meanwhile; and only one
   * client at a time should send bytes to such a command.
   *
   * @example await terminal.write('ls\r');
   */
  write(data: string | Uint8Array): Promise<void>;
  /** Changes the size of its screen: 1 to 2000. */
  resize(cols: number, rows: number): void;
  /** Sends a signal, as `'SIGINT'`. A name that does not exist is what the next call throws: `UNKNOWN_SIGNAL`. */
  signal(name: string): void;
  /** Ends its input behind everything that was written. */
  eof(): void;
  /** Leaves it: it goes on, and its iterations here end. */
  detach(): Promise<void>;
  /**
   * Ends the command: it gets SIGTERM and, 2 s later, SIGKILL. Output that was not taken is dropped. Resolves when it has ended, or
   * the connection has for good; never rejects. It may be called again, and after `detach()` does nothing. `await using` calls it.
   *
   * @example await terminal.close();
   */
  close(): Promise<void>;
  /** `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

// The types of commands: `sandbox.terminal`.


/** The options that `execute` and `create` share. */
export interface CommandOptions {
  /** The directory it runs in: inside the root, relative to it or absolute. Default: the root. */
  cwd?: string;
  /** Variables added to its environment. Default: none. */
  env?: Record<string, string>;
  /** How long it may run, in milliseconds. Then it gets SIGTERM and, 2 s later, SIGKILL. Default: without limit. */
  timeoutMs?: number;
}

/** The options of `execute`. */
export interface ExecuteOptions extends CommandOptions {
  /** Its standard input, which then ends. Default: empty. It arrives once, also if the connection breaks. */
  input?: string | Uint8Array;
  /** Whether `stdout` and `stderr` are strings (`'utf8'`) or bytes. Default: `'utf8'`. */
  encoding?: 'utf8' | 'buffer';
  /** How much of `stdout` and `stderr` together is collected, in bytes. Default: 16777216 (16 MiB). */
  maxOutputBytes?: number;
  /** Ends the command with SIGKILL; the Promise rejects with an `AbortError`. */
  signal?: AbortSignal;
}

/** The result of a command. */
export interface Executed<Output> extends TerminalExit {
  /** Its whole standard output. */
  stdout: Output;
  /** Its whole standard error. */
  stderr: Output;
}

/** The options of `create`. */
export interface TerminalOptions extends CommandOptions {
  /** A command line for the shell. Default: the shell itself, for interactive use. */
  command?: string;
  /** The id by which others attach to it. Default: a new one. */
  id?: string;
  /** Whether it gets a pseudo-terminal (PTY). Default: `true`. With `false` it gets pipes, and `stderr` is separate. */
  pty?: boolean;
  /** The columns of the pseudo-terminal: 1 to 2000. Default: 80. */
  cols?: number;
  /** The rows of the pseudo-terminal: 1 to 2000. Default: 24. */
  rows?: number;
}

/** A terminal of the workspace, as the listener tells of it. */
export interface TerminalRow {
  id: string | number;
  /** `null` if it has ended. */
  pid: number | null;
  command?: string;
  cwd: string;
  pty: boolean;
  cols: number;
  rows: number;
  running: boolean;
  exitCode: number | null;
  signal: string | null;
  startedAt: string;
  /** How many connections are attached. */
  attached: number;
  /** The offsets of the output that is kept. */
  from: number;
  to: number;
}

/** Commands. Called as a function it is `create`, as `workspace.terminal` is. */
export interface SandboxTerminals {
  (options?: TerminalOptions): Promise<SandboxTerminal>;
  /**
   * Starts a command in a pseudo-terminal, or with pipes. Resolves once it runs. Rejects with `code`: `PATH_OUTSIDE`,
   * `NOT_FOUND`, `ID_IN_USE`, `TOO_MANY_TERMINALS`, `NOT_ENABLED`, `NO_WORKSPACE`, `SPAWN_FAILED`, `NOT_CONNECTED`.
   *
   * @example
   * const terminal = await sandbox.terminal.create({ command: 'npm run dev', cols: 120, rows: 30 });
   * for await (const bytes of terminal.output) screen.write(bytes);
   */
  create(options?: TerminalOptions): Promise<SandboxTerminal>;
  /** The same. */
  open(options?: TerminalOptions): Promise<SandboxTerminal>;
  /**
   * Attaches to a terminal that runs, or has ended not long ago. Its output comes from `offset` on: what the workspace still
   * has without one. Rejects with `GONE` if there is none.
   *
   * @example const terminal = await sandbox.terminal.attach('dev', { offset: 4711 });
   */
  attach(
    id: string | number,
    options?: { offset?: number; cols?: number; rows?: number },
  ): Promise<SandboxTerminal>;
  /**
   * Runs a command to its end, with pipes, and collects its output. Resolves with any exit code. Rejects as `create` does, and
   * with `ERR_OUTPUT_TOO_LARGE`.
   *
   * @example const { exitCode, stdout } = await sandbox.terminal.execute('git status --short');
   */
  execute(
    command: string,
    options?: ExecuteOptions & { encoding?: 'utf8' },
  ): Promise<Executed<string>>;
  /** The same, with `stdout` and `stderr` as bytes. */
  execute(
    command: string,
    options: ExecuteOptions & { encoding: 'buffer' },
  ): Promise<Executed<Uint8Array>>;
  /** The terminals of the workspace, also those that have ended not long ago. */
  list(): Promise<TerminalRow[]>;
}

// The types of watching files.


/** The options of `watch`. */
export interface WatchOptions {
  /** The kinds of changes. Default: all. Without `'renamed'` a rename is `'deleted'` and `'created'`. */
  events?: ChangeType[];
  /** What is left out besides ignored files: names, paths and globs. With `false` nothing is left out. */
  ignore?: string[] | false;
  /** Ends the watch: its iteration then throws an `AbortError`. */
  signal?: AbortSignal;
}

/** A change of a file. */
export interface FileChange {
  /** The absolute path in the sandbox; of an overflow the root, or `'.'`. */
  path: string;
  /**
   * What happened. After `'overflow'` changes may be missing: look at the files yourself. It comes after each reconnect,
   * when everything is watched again.
   */
  changeType: ChangeType | 'overflow';
  /** The size in bytes; 0 for what is gone, and for directories. */
  size: number;
  timestamp: string;
  isDirectory: boolean;
  /** Of `'renamed'`: the path that it had. */
  oldPath?: string;
}

/** What is watched. */
export interface WatchReady {
  /** How many directories are watched for it. */
  directories: number;
  /** Why a part of them is compared at intervals. */
  polling?: string;
}

/** A running watch. Leaving the loop closes it. */
export interface FileWatch extends AsyncIterable<FileChange> {
  /** Resolves once everything is watched. Rejects with `code`: `PATH_OUTSIDE`, `WATCH_LIMIT`, `TOO_MANY_WATCHES`, `GONE`, … */
  readonly ready: Promise<WatchReady>;
  /** Ends the watch. What was not read is dropped. It may be called again, and never rejects. */
  close(): Promise<void>;
  /** `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

// The types of a connection as on the sandbox's page.


/** How a connection ended. */
export interface SocketClose {
  code: string;
  message: string;
  /** The close code of the WebSocket, if there was one. */
  closeCode?: number;
  /** Whether another connection is made: then `open` follows. */
  willReconnect: boolean;
}

/** The events of a connection. */
export interface SocketEvents {
  /** It is open. Also a listener that was added later is told, in a microtask. */
  open: void;
  /** A message, parsed. */
  message: WireMessage;
  /** A binary message, if the connection was made with `binary`. */
  binary: BinaryMessage;
  /** Why it broke, or could not be made. Nobody needs to listen. */
  error: ConnectionError;
  /** It is closed: once for each `open`, and once at the end. */
  close: SocketClose;
}

/**
 * A connection as on the sandbox's page. It is made again when it breaks, and the events of the meantime come then: `close`
 * and `open` tell of that.
 */
export class SandboxSocket {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  /** `CONNECTING` also while it waits to be made again. */
  readonly readyState: 0 | 1 | 2 | 3;

  on<Name extends keyof SocketEvents>(
    name: Name,
    listener: (value: SocketEvents[Name]) => void,
  ): this;
  once<Name extends keyof SocketEvents>(
    name: Name,
    listener: (value: SocketEvents[Name]) => void,
  ): this;
  off<Name extends keyof SocketEvents>(
    name: Name,
    listener: (value: SocketEvents[Name]) => void,
  ): this;

  /** Sends a text, or an object as JSON. Without a connection it waits for one: see `EventClient.send`. */
  send(message: string | object, options?: SendOptions): Promise<void | boolean> | boolean;
  sendBinary(stream: number, offset: number, bytes: Uint8Array): void;
  /** Ends it for good. */
  close(): Promise<void>;
  /** `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

// The types of `sandbox.websocket`.


/** The options of `connect`. */
export interface ConnectOptions {
  /** No `file:changed`. Default: `false`. */
  silent?: boolean;
  /** Terminal output and the contents of files come as binary messages: the event `binary`. Default: `false`. */
  binary?: boolean;
  /** How long it is tried, in milliseconds. Default: that of the client. */
  timeoutMs?: number;
}

/** An open connection, as the listener tells of it. */
export interface SandboxConnection {
  id: string;
  /** When it was made: `2025-10-16T12:00:00.000Z`. */
  connected: string;
  /** When it was last heard of. */
  lastPing: string;
  active: boolean;
  silent: boolean;
  v1: boolean;
  /** `'sdk'` for a connection to `/ws/{token}`. A listener of an older version does not tell this and what follows. */
  form?: 'sdk' | 'sandbox';
  /** Among the connections to `/ws/{token}`: whether it is the one that receives. `null` where every one does. */
  slot?: 'active' | 'standby' | null;
  /** What the listener still holds of the events that it has not been sent; `null` while it receives none. */
  behind?: { events: number; bytes: number } | null;
}

/** Connections as on the sandbox's page. */
export class SandboxWebSocket {
  /**
   * Connects. Resolves when the connection is open; it is tried until then. Rejects with `code`: `NOT_CONNECTED` after
   * `timeoutMs`, `UNAUTHORIZED`, and the others that end an `EventClient`.
   *
   * @example
   * const ws = await sandbox.websocket.connect();
   * ws.on('message', (message) => console.log(message.type));
   */
  connect(options?: ConnectOptions): Promise<SandboxSocket>;
  /** Whether this token has a connection. `false` if the listener cannot be reached; rejects if it refuses the token. */
  isConnected(): Promise<boolean>;
  /** Closes all connections of this token, also those of others. Those of this client are not made again. */
  disconnect(): Promise<void>;
  /** The connections of the listener. */
  getConnections(): Promise<SandboxConnection[]>;
}

// The types of the client of a sandbox.


/** The options of a sandbox client: where it is, and those of its connections (`WebSocket`, `fetch`, `maxDelayMs`, …). */
export interface SandboxClientOptions extends Omit<
  EventClientOptions,
  'url' | 'token' | 'binary' | 'silent' | 'since' | 'signal'
> {
  /** Where the listener is: `https://`, `http://`, `wss://` or `ws://`. A path before it, as of a reverse proxy, is kept. */
  baseURL: string | URL;
  /** The listener's token. It is in no URL and in no error. */
  token: string;
  /**
   * How long a call waits for its answer, and a command for a connection, in milliseconds. Default: 30000. Then the codes are
   * `UNREACHABLE` and `NOT_CONNECTED`.
   */
  timeoutMs?: number;
}

/**
 * A sandbox: a listener with a workspace behind it, as on the sandbox's page. Its parts have the methods, the options and the
 * error codes of `Workspace` of `require('loopwire')`.
 *
 * `websocket` is what the page has. All other parts share one connection, which is made when the first of them needs it, and
 * again whenever it breaks: terminals go on at their exact byte, watches are asked for again, and operations are learned of
 * by the events that were missed.
 *
 * @example
 * const sandbox = new SandboxClient({ baseURL: 'https://sandbox.example:55872', token });
 * const { stdout } = await sandbox.terminal.execute('git status --short');
 */
export class SandboxClient {
  /** Starts nothing. Throws `TypeError` or `RangeError` for an invalid option. */
  constructor(options: SandboxClientOptions);

  /** Connections as on the page, and the calls that manage them. */
  readonly websocket: SandboxWebSocket;
  /** Commands. It is a function, too: the same as its `create`. */
  readonly terminal: SandboxTerminals;
  /** Files. */
  readonly files: SandboxFiles;
  /** Git operations. */
  readonly git: SandboxGit;
  /** Snapshots of all files. */
  readonly snapshots: SandboxSnapshots;
  /** The forwarded ports of the listener's process. */
  readonly ports: SandboxPorts;

  /**
   * Tells which files change.
   *
   * @example for await (const { changeType, path } of sandbox.watch(['src', '!src/vendor'])) console.log(changeType, path);
   */
  watch(paths: string | string[], options?: WatchOptions): FileWatch;

  /** The same as `terminal.execute`. */
  execute(
    command: string,
    options?: ExecuteOptions & { encoding?: 'utf8' },
  ): Promise<Executed<string>>;
  execute(
    command: string,
    options: ExecuteOptions & { encoding: 'buffer' },
  ): Promise<Executed<Uint8Array>>;

  /** The same as `files.read`, and with an encoding as `files.readText`. */
  readFile(path: string, options?: FileReadOptions): Promise<Uint8Array>;
  readFile(
    path: string,
    options: 'utf8' | (FileReadOptions & { encoding: 'utf8' }),
  ): Promise<string>;

  /** The same as `files.write`. */
  writeFile(
    path: string,
    data: string | Uint8Array,
    options?: FileWriteOptions,
  ): Promise<FileWritten>;

  /**
   * Ends all connections of this client, and all that waits for them: `CLOSED`. Commands that were started go on, and so do
   * operations of git and of snapshots.
   */
  close(): Promise<void>;
  /** `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

// The types of `attach`.


declare global {
  // Older libraries of TypeScript do not have it.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** What `attach` needs of a `Terminal` of `@xterm/xterm` or `@xterm/headless`, from version 5 on. */
export interface XtermLike {
  readonly cols: number;
  readonly rows: number;
  write(data: string | Uint8Array, callback?: () => void): void;
  onData(listener: (data: string) => void): { dispose(): void };
  onBinary(listener: (data: string) => void): { dispose(): void };
  onResize(listener: (size: { cols: number; rows: number }) => void): { dispose(): void };
  loadAddon(addon: { activate(): void; dispose(): void }): void;
}

/** The options of `attach`. */
export interface AttachOptions {
  /**
   * Told of what went wrong: input or a size that the workspace refused, and what ended the output before the command did.
   * Default: `console.error`.
   */
  onError?: (error: Error) => void;
}

/** An xterm at a terminal. It ends by itself with the command, and with the xterm. */
export interface Attachment {
  /**
   * Takes the xterm off, with all its listeners: it stays as it is and can be used. The command goes on, and `attach` goes on
   * with its output where it was. May be called again.
   */
  detach(): void;
  /** The same: this is an addon of the xterm. */
  dispose(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Makes an xterm.js terminal the screen and the keyboard of a command: output as bytes, input, the size now and when it changes.
 *
 * Output counts as taken when the xterm has parsed it, so a command that is faster pauses. After a reconnect it goes on at its
 * exact byte. If bytes were overwritten meanwhile, the xterm is reset and gets what the workspace still has.
 *
 * What an xterm answers to the output from before this client is not sent: somebody else has answered it.
 *
 * Another xterm that was attached to the terminal is taken off. A loop over its output gets none meanwhile.
 *
 * @example
 * const terminal = await sandbox.terminal.create({ cols: xterm.cols, rows: xterm.rows });
 * attach(xterm, terminal);
 */
export function attach(
  xterm: XtermLike,
  terminal: SandboxTerminal,
  options?: AttachOptions,
): Attachment;
