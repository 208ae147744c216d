// The types of snapshots.

import type {
  SnapshotCreated,
  SnapshotDiff,
  SnapshotInfo,
  SnapshotProgress,
  SnapshotRestored,
} from '../binding.js';

/** The options of `snapshots.create`. */
export interface SnapshotCreateOptions {
  /** A message of up to 16 KiB, which the list shows. Default: none. */
  message?: string | undefined;
  /**
   * Removes older snapshots afterwards: all but the newest `count`, and those that are older than `ageMs` milliseconds. The
   * newest one stays in any case, and the newest one that a restore has made. Default: the limits of the workspace
   * (`maxSnapshots`, `maxSnapshotAgeMs`), which hold in any case.
   */
  keep?: { count?: number | undefined; ageMs?: number | undefined } | undefined;
  /** Ends it before its time: the Promise rejects with an `AbortError`, and there is no snapshot. */
  signal?: AbortSignal | undefined;
}

/** A Promise of an operation's result, which also says how far the operation is. */
export interface SnapshotOperation<Result> extends Promise<Result> {
  /**
   * How far it is, the latest figures each time. It ends with the operation and never throws: the Promise says how that ended.
   *
   * @example for await (const { phase, done, total } of operation.progress) console.log(phase, done, total);
   */
  readonly progress: AsyncIterable<SnapshotProgress>;
}

/** The snapshots of a workspace. Operations take turns; where the order matters, await one before the next. */
export interface Snapshots {
  /**
   * Makes a snapshot of all files beneath the root, except what `.gitignore` files say, directories that package managers and
   * build tools make again (`node_modules`, …), and very large files.
   *
   * Nothing of the user's own repository is touched. Resolves once the snapshot is on the disk. Clients and callbacks get
   * `snapshot:progress` and `snapshot:created`. Rejects with `code`: `GIT_NOT_FOUND`, `NOT_ENABLED`, `NO_SPACE`,
   * `ROOT_REFUSED`, `TOO_MANY_FILES`, `BUSY`, `SNAPSHOT_FAILED`, `ABORT_ERR`, and `ERR_INVALID_ARG_TYPE` and similar for
   * wrong options. `path` is the root or the place of the store that the error is about, `cause` what the system said.
   *
   * @example const { commitHash, files, skipped } = await workspace.snapshots.create({ message: 'before the upgrade' });
   */
  create(options?: SnapshotCreateOptions): SnapshotOperation<SnapshotCreated>;
  /**
   * Makes the files what they were. First a safety snapshot is made of what is there now. Files that no snapshot holds, such as
   * ignored ones, stay.
   *
   * `signal` ends it as long as no file was replaced (`progress` tells that); after that it is completed, since a part of both
   * states helps nobody. To go back, restore `safetyCommit`. Clients and callbacks get `snapshot:progress` and
   * `snapshot:restored`. Rejects as `create` does, with `SNAPSHOT_NOT_FOUND`, and with `RESTORE_INCOMPLETE` if some files could
   * not be restored: the message has the first ten, `path` is the first of them.
   *
   * @example const { safetyCommit } = await workspace.snapshots.restore(commitHash);
   */
  restore(
    commitHash: string,
    options?: { signal?: AbortSignal | undefined },
  ): SnapshotOperation<SnapshotRestored>;
  /**
   * The snapshots, newest first. `limit` is 1 to 1000; default: 100. If `signal` is aborted, it rejects with an `AbortError`.
   *
   * @example for (const { commitHash, message, createdAt } of await workspace.snapshots.list()) console.log(message);
   */
  list(options?: {
    limit?: number | undefined;
    signal?: AbortSignal | undefined;
  }): Promise<SnapshotInfo[]>;
  /**
   * What differs from one snapshot to another, or to the files as they are now if there is no `to`.
   *
   * `limit` is how many paths are listed, 1 to 10000; default: 1000. Rejects with `SNAPSHOT_NOT_FOUND`. If
   * `signal` is aborted, it rejects with an `AbortError`, and reads no more files.
   *
   * @example const { changes, truncated } = await workspace.snapshots.diff(commitHash);
   */
  diff(
    from: string,
    to?: string | null,
    options?: { limit?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<SnapshotDiff>;
  /**
   * Deletes a snapshot, and frees the space that only this one needs. Resolves when it is free. Rejects with
   * `SNAPSHOT_NOT_FOUND`.
   *
   * If `signal` is aborted while other operations have their turn, it rejects with an `AbortError`, and the snapshot stays;
   * after that it is completed.
   *
   * @example await workspace.snapshots.delete(commitHash);
   */
  delete(commitHash: string, options?: { signal?: AbortSignal }): Promise<void>;
}
