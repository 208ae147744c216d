// The types of commands: `sandbox.terminal`.

import type { SandboxTerminal, TerminalExit } from './terminal.js';

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
