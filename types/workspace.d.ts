// The types of a workspace: its options, its commands and its files.

import type {
  NativeTerminal,
  NativeWorkspace,
  TerminalChunk,
  TerminalExit,
  Written,
} from '../binding.js';
import type { Buffer, BufferEncoding } from './buffer.js';
import type { Git } from './git.js';
import type { Snapshots } from './snapshots.js';
import type { FileWatch, WatchOptions } from './watch.js';

/** The options of `openWorkspace`. An option that is `undefined` counts as left out; an unknown one throws. */
export interface WorkspaceOptions {
  /** Whether clients and the application may run commands. Default: `true`. With `false` they get `NOT_ENABLED`. */
  terminal?: boolean | undefined;
  /** Whether clients and the application may read and write files. Default: `true`. With `false` they get `NOT_ENABLED`. */
  files?: boolean | undefined;
  /**
   * When clients hear of changed files. `'auto'`: of the whole workspace, from the moment at which a listener is open, until
   * their first `file:watch`; what `.gitignore` and the default ignores leave out (`.git`, `node_modules`, …) does not
   * count. `'onDemand'`: of what they ask for by `file:watch`. `false`: never, and they get `NOT_ENABLED`. Default: `'auto'`.
   * `Workspace.watch` works with the first two.
   */
  watch?: 'auto' | 'onDemand' | false | undefined;
  /** Whether clients and the application may use git. Default: `true`. With `false` they get `NOT_ENABLED`. */
  git?: boolean | undefined;
  /**
   * The protocols by which git may reach other repositories. Default: `['https', 'http', 'ssh', 'git']`. With `'file'` it
   * may read any repository that this user may read; `'ext'` lets a URL name any program.
   */
  gitProtocols?: ('https' | 'http' | 'ssh' | 'git' | 'file' | 'ext')[] | undefined;
  /**
   * Whether hooks, and programs that a repository's own configuration names, run as in the user's own git. Default:
   * `false`.
   */
  trustRepositories?: boolean | undefined;
  /** Whether clients and the application may take and restore snapshots. Default: `true`. With `false` they get `NOT_ENABLED`. */
  snapshots?: boolean | undefined;
  /**
   * The directory of the stores of snapshots, outside of the root. Default: `loopwire/snapshots` in `$XDG_STATE_HOME`
   * (`~/.local/state`), on macOS in `~/Library/Application Support`. It holds a store for each root.
   */
  snapshotDir?: string | undefined;
  /** The most snapshots, or `Infinity`. Default: 1000. Each new one removes the oldest beyond that. */
  maxSnapshots?: number | undefined;
  /** How old a snapshot may become, in milliseconds, or `Infinity`, the default. Each new one removes those that are older. */
  maxSnapshotAgeMs?: number | undefined;
  /** The most files of a snapshot. Default: 1000000. With more it is refused with `TOO_MANY_FILES`. */
  maxSnapshotFiles?: number | undefined;
  /** The largest file of a snapshot, in bytes. Default: 104857600 (100 MiB). Larger ones are left out, which is told. */
  maxSnapshotFileBytes?: number | undefined;
  /**
   * The program that runs a command, and its arguments; the command is added as the last argument. Default: the
   * user's shell, which is `/bin/sh -c` on Linux and a login shell on macOS (PROTOCOL section 7). The user's shell is
   * `$SHELL`, the account's, `/bin/bash` or `/bin/sh`: the first that can be used.
   */
  shell?: string[] | undefined;
  /**
   * Variables added to the environment that each command inherits from this process. Default: none. Variables that
   * describe the terminal in which this process was started (`COLUMNS`, `TMUX`, …) are inherited only if they stand here.
   */
  env?: Record<string, string | undefined> | undefined;
  /**
   * How long a client's command continues without an attached connection, in milliseconds: 0 to 86400000, or
   * `Infinity`. Default: 300000 (5 minutes). Then its processes get SIGTERM and, 2 s later, SIGKILL. The output of a command
   * that has ended is kept for the same time (`terminal:attach`). Commands of the application are not limited.
   */
  detachMs?: number | undefined;
  /**
   * How much output of each command is kept for clients that attach later, in bytes: 4096 to 268435456. Default: 1048576
   * (1 MiB). At least 16 KiB are kept.
   */
  scrollbackBytes?: number | undefined;
  /** The most commands at a time: 1 to 4096. Default: 64. One more is refused with `TOO_MANY_TERMINALS`. */
  maxTerminals?: number | undefined;
  /**
   * The most watches at a time, of clients together and of the application: 1 to 4096. Default: 64. One more is refused with
   * `TOO_MANY_WATCHES`. One connection may have half of them.
   */
  maxWatches?: number | undefined;
  /**
   * The largest file that may be read or written, in bytes. Default: 1073741824 (1 GiB). A larger one is refused with
   * `FILE_TOO_LARGE`.
   */
  maxFileBytes?: number | undefined;
  /** The most output of one command, in bytes; then it is killed. Default: `Infinity`. */
  maxOutputBytes?: number | undefined;
  /** Closes the workspace when it is aborted. If it is aborted already, `openWorkspace` throws an `AbortError`. */
  signal?: AbortSignal | undefined;
}

/** Bytes, and text as UTF-8. Of a view its bytes are taken: a `Uint16Array` of one element has two. */
export type Bytes = string | ArrayBufferView | ArrayBufferLike;

/** The options that `execute` and `terminal` share. */
export interface CommandOptions {
  /** The directory it runs in: inside the root, relative to it or absolute. Default: the root. */
  cwd?: string | undefined;
  /** Variables added to its environment. Default: none. */
  env?: Record<string, string | undefined> | undefined;
  /**
   * How long it may run, in milliseconds: 1 to 86400000. Then it gets SIGTERM and, 2 s later, SIGKILL. Default: without
   * limit.
   */
  timeoutMs?: number | undefined;
  /**
   * Ends the command when it is aborted: its processes get SIGTERM and, 2 s later, SIGKILL. `execute` then rejects with an
   * `AbortError`, after the command has ended. A terminal ends with the `reason` `'closed'`. If it is aborted already, nothing
   * is started.
   */
  signal?: AbortSignal | undefined;
}

/** The options of `execute`. */
export interface ExecuteOptions extends CommandOptions {
  /** Its standard input, which then ends. Default: empty. */
  input?: Bytes | undefined;
  /** Whether `stdout` and `stderr` are strings (`'utf8'`) or Buffers. Default: `'utf8'`. */
  encoding?: 'utf8' | 'buffer' | undefined;
  /** How much of `stdout` and `stderr` together is collected, in bytes. Default: 16777216 (16 MiB). */
  maxOutputBytes?: number | undefined;
}

/** The result of a command. */
export interface Executed<Output> extends TerminalExit {
  /** Its whole standard output. */
  stdout: Output;
  /** Its whole standard error. */
  stderr: Output;
}

/** The options of `terminal`. */
export interface TerminalOptions extends CommandOptions {
  /** A command line for the shell. Default: the shell itself, for interactive use. */
  command?: string | undefined;
  /** The id by which clients attach to it. Default: `term-N`. */
  id?: string | undefined;
  /** Whether it gets a pseudo-terminal (PTY). Default: `true`. With `false` it gets pipes, and `stderr` is separate. */
  pty?: boolean | undefined;
  /** The columns of the pseudo-terminal: 1 to 2000. Default: 80. */
  cols?: number | undefined;
  /** The rows of the pseudo-terminal: 1 to 2000. Default: 24. */
  rows?: number | undefined;
}

/** A running command. */
export interface Terminal extends NativeTerminal, AsyncDisposable {
  /**
   * Its output as Buffers, complete to the last byte.
   *
   * From the first `next()` on the command pauses while its output is not taken. Output from before comes first, as far as
   * the scrollback holds it. Before the first `next()`, and after the loop was left, the command does not pause. If the
   * beginning is gone in a pseudo-terminal, the first Buffer sets the modes of a screen that hold where output begins.
   *
   * @example for await (const data of terminal.output) process.stdout.write(data);
   */
  readonly output: AsyncIterable<Buffer>;
  /**
   * The same output, with the stream that each piece came from.
   *
   * @example for await (const { source, data } of terminal.chunks) process[source].write(data);
   */
  readonly chunks: AsyncIterable<TerminalChunk>;
  /**
   * Resolves when the command has ended and its last byte was put out. Never rejects while the workspace is open.
   *
   * @example const { exitCode, signal } = await terminal.exit;
   */
  readonly exit: Promise<TerminalExit>;
  /**
   * Ends the command: its processes get SIGTERM and, 2 s later, SIGKILL. Resolves when it has ended; never rejects. It may be
   * called again, and after the end. Where Node has `Symbol.asyncDispose`, `await using` calls it.
   *
   * @example await terminal.close();
   */
  close(): Promise<void>;
}

/** An open workspace, as on the sandbox's page. */
export interface Workspace extends NativeWorkspace, AsyncDisposable {
  /** Git operations. */
  readonly git: Git;
  /**
   * Runs a command to its end, with pipes, and collects its output.
   *
   * `command` is a line for the shell. Resolves with any exit code. Rejects with `code`: `PATH_OUTSIDE` or
   * `NOT_FOUND` for `cwd`, `TOO_MANY_TERMINALS`, `NOT_ENABLED`, `SPAWN_FAILED`, `ERR_OUTPUT_TOO_LARGE` (the command was
   * killed), and `ERR_INVALID_ARG_TYPE` and similar for wrong options. Callbacks get `terminal:started` and
   * `terminal:exit`.
   *
   * @example const { exitCode, stdout } = await workspace.execute('git status --short');
   */
  execute(
    command: string,
    options?: ExecuteOptions & { encoding?: 'utf8' | undefined },
  ): Promise<Executed<string>>;
  /**
   * The same, with `stdout` and `stderr` as Buffers.
   *
   * @example const { stdout } = await workspace.execute('cat logo.png', { encoding: 'buffer' });
   */
  execute(
    command: string,
    options: ExecuteOptions & { encoding: 'buffer' },
  ): Promise<Executed<Buffer>>;
  /** The same, where `encoding` is decided when the program runs. */
  execute(command: string, options?: ExecuteOptions): Promise<Executed<string | Buffer>>;
  /**
   * Starts a command in a terminal. Clients can attach to it by its id.
   *
   * Resolves once it runs. Rejects as `execute` does, and with `ID_IN_USE`. Callbacks get `terminal:started` and
   * `terminal:exit`.
   *
   * @example
   * const terminal = await workspace.terminal({ command: 'npm run dev', cols: 120, rows: 30 });
   * for await (const data of terminal.output) process.stdout.write(data);
   */
  terminal(options?: TerminalOptions): Promise<Terminal>;
  /**
   * Reads a whole file. One that does not say how large it is, as those of `/proc`, is read to its end.
   *
   * `path` is relative to the root, or absolute and inside it. Resolves to a Buffer. Rejects with `code`:
   * `PATH_OUTSIDE`, `NOT_FOUND`, `NOT_A_FILE`, `FILE_TOO_LARGE`, `NOT_PERMITTED`, `NOT_ENABLED`; with `path`, and with
   * `cause` if the system refused (`ENOENT`). Rejects with an `AbortError` as soon as `signal` is aborted.
   *
   * @example const data = await workspace.readFile('logo.png');
   */
  readFile(
    path: string,
    options?: null | { encoding?: null | undefined; signal?: AbortSignal | undefined },
  ): Promise<Buffer>;
  /**
   * The same, as a string.
   *
   * @example const text = await workspace.readFile('README.md', 'utf8');
   */
  readFile(
    path: string,
    options: BufferEncoding | { encoding: BufferEncoding; signal?: AbortSignal | undefined },
  ): Promise<string>;
  /** The same, where `encoding` is decided when the program runs. */
  readFile(
    path: string,
    options?:
      | BufferEncoding
      | null
      | { encoding?: BufferEncoding | null | undefined; signal?: AbortSignal | undefined },
  ): Promise<string | Buffer>;
  /**
   * Writes a whole file. It is renamed into place, so that readers see the old file or the new one, never a part. It keeps
   * the owner, the mode, the access control list and the extended attributes that it had. A file that cannot be replaced
   * and keep them is written in place: then `atomic` is `false`.
   *
   * `mode` is the mode that the file gets, 0 to 0o777. Default: an existing file keeps its mode; a new one gets 0o666
   * without the bits of the umask, or what the default access control list of its directory says. Rejects as `readFile`
   * does, and with `FILE_TORN` if writing in place failed halfway. If `signal` is aborted before the file was replaced, it
   * rejects with an `AbortError`, and the file is as it was; after that it is written, and the Promise says so.
   *
   * @example const { sha256 } = await workspace.writeFile('out/report.txt', text);
   */
  writeFile(
    path: string,
    data: Bytes,
    options?: { mode?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<Written>;
  /** Its snapshots: all files as they were at a time. */
  readonly snapshots: Snapshots;
  /**
   * Watches files. Works without a listener, and with any `watch` option but `false`.
   *
   * `paths` is a path or glob, or a list: relative to the root, or absolute and inside it. A path without wildcards means
   * itself and everything in it. Globs have `*`, `?`, `[a-z]`, `**` and `{a,b}`; one that begins with `!` takes away what it
   * matches, wherever it stands. What does not exist yet is watched as soon as it does. Throws for wrong arguments, and with
   * `code`: `PATH_OUTSIDE`, `TOO_MANY_WATCHES`, `NOT_ENABLED`, `NO_WORKSPACE`, `ABORT_ERR`.
   *
   * Changes wait until they are taken. If more than 16,384 wait, they are dropped, and an item with `changeType: 'overflow'`
   * takes their place; so does what the system has dropped. Then look at the files yourself.
   *
   * @example
   * for await (const { changeType, path } of workspace.watch(['src', '!src/vendor'])) {
   *   console.log(changeType, path);
   * }
   */
  watch(paths: string | string[], options?: WatchOptions): FileWatch;
  /**
   * Makes this workspace keep the process alive again, which it does until it is closed. Returns the workspace.
   *
   * @example workspace.unref().ref();
   */
  ref(): this;
  /**
   * Lets the process end although this workspace is open. Returns the workspace.
   *
   * @example openWorkspace('/opt/app').unref();
   */
  unref(): this;
}

/**
 * Opens a workspace: a directory in which the application, and clients of this environment's listeners, may run
 * commands, read, write and watch files, use git and take snapshots (PROTOCOL section 7). Without a workspace clients are
 * answered `NO_WORKSPACE`.
 *
 * `root` is the path of a directory; a path that leads out of it is refused with `PATH_OUTSIDE`. Commands run as the
 * user of this process and may do everything that this user may. Every client that has a listener's token can run them, so
 * switch off what you do not need. `options` is described at `WorkspaceOptions`.
 *
 * Returns the workspace. It keeps the process alive until it is closed (see `unref()`). Commands end with the process,
 * however that ends. Throws before anything starts: `TypeError` `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or
 * `ERR_UNKNOWN_OPTION`, `RangeError` `ERR_OUT_OF_RANGE`, `Error` `ERR_WORKSPACE_ROOT` (it does not exist, may not
 * be read, or is not a directory), `EMFILE` (this process has no file descriptor left) or `ERR_WORKSPACE_OPEN` (another
 * workspace is open: `close()` it first).
 *
 * @example
 * const workspace = openWorkspace('/opt/app');
 * const { stdout } = await workspace.execute('ls -la');
 */
export function openWorkspace(root: string, options?: WorkspaceOptions): Workspace;
