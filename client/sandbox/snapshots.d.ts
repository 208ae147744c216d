// The types of snapshots.

import type {
  ChangeType,
  SkippedReason,
  SnapshotKind,
  SnapshotPhase,
} from '../../types/wire/index.js';

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
