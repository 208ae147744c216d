// The types of watching files.

import type { ChangeType } from '../../types/wire/index.js';

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
