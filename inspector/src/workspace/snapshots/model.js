// The snapshots of the workspace.

import { number, several, shortHash } from '../../words.js';
import { Observable, soon } from '../observable.js';

/** So many snapshots are listed, and so many changes of a diff. */
export const LISTED = 100;
export const MOST_CHANGES = 500;

export class Snapshots extends Observable {
  /** As the listener lists them, newest first; `undefined` until it has. */
  rows;
  problem;
  /** `{ commitHash, for: 'look' | 'restore', changes, total, truncated }`. */
  diff;
  /** What was done last. */
  said = '';
  /** What is under way: 'create', 'restore', 'diff', 'list'. */
  busy = new Set();
  #workspace;

  constructor(workspace) {
    super();
    this.#workspace = workspace;
    const again = soon(
      () => workspace.isShown && this.list(),
      () => this.isBusy,
    );
    workspace.operations.onEnd((topic) => {
      // Only what is shown is asked for again.
      if (topic === 'snapshot' && this.rows && workspace.isShown) again();
    });
  }

  get isBusy() {
    return this.busy.size > 0;
  }

  /** Whether what somebody has asked for is under way. */
  get isActing() {
    return ['create', 'restore', 'diff'].some((what) => this.busy.has(what));
  }

  get operations() {
    return this.#workspace.operations.of('snapshot');
  }

  list() {
    return this.#during('list', async (snapshots) => {
      this.rows = await snapshots.list({ limit: LISTED });
      // Another workspace may be open now.
      const compared = this.diff?.commitHash;
      if (!this.rows.some(({ commitHash }) => commitHash === compared)) this.diff = undefined;
    });
  }

  create(message) {
    return this.#during('create', async (snapshots) => {
      const { commitHash, files, skipped } = await this.#named(
        'snapshot',
        snapshots.create(message ? { message } : {}),
      );
      const left = skipped > 0 ? `, ${number(skipped)} left out` : '';
      this.said = `Snapshot ${shortHash(commitHash)} holds ${several(files, 'file')}${left}.`;
      this.rows = await snapshots.list({ limit: LISTED });
    });
  }

  /** What differs between it and the files as they are. */
  compare(commitHash, purpose) {
    return this.#during('diff', async (snapshots) => {
      this.diff = undefined;
      const answer = await snapshots.diff(commitHash, null, { limit: MOST_CHANGES });
      this.diff = { ...answer, commitHash, for: purpose };
    });
  }

  restore(commitHash) {
    return this.#during('restore', async (snapshots) => {
      this.diff = undefined;
      const { written, deleted, safetyCommit } = await this.#named(
        'restore',
        snapshots.restore(commitHash),
      );
      this.said = `Restored ${shortHash(commitHash)}: ${number(written)} written, ${number(deleted)} deleted. What was there before is in ${shortHash(safetyCommit)}.`;
      this.rows = await snapshots.list({ limit: LISTED });
    });
  }

  forget() {
    this.diff = undefined;
    this.changed();
  }

  #named(name, operation) {
    return this.#workspace.operations.name(name, operation);
  }

  /** One at a time: the buttons are only drawn so a moment later. */
  async #during(what, act) {
    if (this.busy.has(what) || (what !== 'list' && this.isActing)) return;
    this.busy.add(what);
    this.problem = undefined;
    if (what !== 'list') this.said = '';
    this.changed();
    try {
      await act(this.#workspace.sandbox.snapshots);
    } catch (error) {
      this.problem = error;
    } finally {
      this.busy.delete(what);
      this.changed();
    }
  }
}
