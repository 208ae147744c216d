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
