// The types of `attach`.

import type { SandboxTerminal } from './terminal.js';

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
