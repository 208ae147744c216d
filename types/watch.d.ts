// The types of watching files.

import type { FileChange, WatchReady } from '../binding.js';

/** The options of `watch`. */
export interface WatchOptions {
  /**
   * The kinds of changes. Default: all. Without `'renamed'` a rename is `'deleted'` for the old path and `'created'` for the
   * new one.
   */
  events?: ('created' | 'modified' | 'deleted' | 'renamed')[] | undefined;
  /**
   * What is left out besides that: names anywhere in the workspace (`'*.log'`), or paths and globs relative to the root
   * (`'src/generated'`). With `false` nothing is left out, not even what `.gitignore` and the default ignores say.
   */
  ignore?: string[] | false | undefined;
  /** Ends the watch: its iteration then throws an `AbortError`. */
  signal?: AbortSignal | undefined;
}

/**
 * A running watch. Its iteration ends when it, or the workspace, is closed. It throws what `ready` rejects with. Leaving the
 * loop closes it.
 */
export interface FileWatch extends AsyncIterable<FileChange>, AsyncDisposable {
  /**
   * Resolves once everything is watched: no later change is missed. Rejects with `code`: `WATCH_LIMIT` (more directories than
   * the system allows; the message names the remedy), `PATH_OUTSIDE` (a link leads out), `NOT_PERMITTED`, `GONE` (it was
   * closed before).
   *
   * @example const { directories } = await watch.ready;
   */
  readonly ready: Promise<WatchReady>;
  /**
   * Ends the watch. What was not read is dropped. It may be called again, and never rejects. Where Node has
   * `Symbol.asyncDispose`, `await using` calls it.
   *
   * @example await watch.close();
   */
  close(): Promise<void>;
}
