// The types of the client of a sandbox.

import type { EventClientOptions } from '../options.js';
import type { SandboxFiles, FileReadOptions, FileWriteOptions, FileWritten } from './files.js';
import type { SandboxGit } from './git.js';
import type { SandboxPorts } from './ports.js';
import type { SandboxSnapshots } from './snapshots.js';
import type { Executed, ExecuteOptions, SandboxTerminals } from './terminal/terminals.js';
import type { FileWatch, WatchOptions } from './watch.js';
import type { SandboxWebSocket } from './socket/websocket.js';

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
