// The git repository that is looked at: what `git status` says, and two operations.

import { failure } from '../../commands.js';
import { Observable, soon } from '../observable.js';
import { readStatus } from './status.js';

/** Nothing that the repository's configuration names runs, and the index is not written. */
const STATUS =
  'git --no-optional-locks -c core.fsmonitor=false status --porcelain=v2 --branch --untracked-files=normal -z';
const MAX_OUTPUT_BYTES = 1 << 20;
const MAX_MS = 15_000;

export class Git extends Observable {
  folder = '.';
  status;
  problem;
  busy = '';
  #workspace;

  constructor(workspace) {
    super();
    this.#workspace = workspace;
    const again = soon(
      () => workspace.isShown && this.look(),
      () => this.busy !== '',
    );
    workspace.operations.onEnd((topic) => {
      // Only what is shown is asked for again.
      if (topic === 'git' && this.status && workspace.isShown) again();
    });
  }

  get operations() {
    return this.#workspace.operations.of('git');
  }

  /** Runs `git status` there. */
  look(folder = this.folder) {
    this.folder = folder;
    return this.#during('look', async ({ terminal }) => {
      const { exitCode, stdout, stderr } = await terminal.execute(STATUS, {
        cwd: folder,
        env: { LC_ALL: 'C' },
        maxOutputBytes: MAX_OUTPUT_BYTES,
        timeoutMs: MAX_MS,
      });
      this.status = undefined;
      if (exitCode !== 0) throw refusal(exitCode, stderr);
      this.status = readStatus(stdout);
    });
  }

  fetch() {
    return this.#during('fetch', ({ git }) =>
      this.#named('fetch', git.fetch({ repoPath: this.folder })),
    );
  }

  pull() {
    return this.#during('pull', ({ git }) =>
      this.#named('pull', git.pull({ repoPath: this.folder })),
    );
  }

  #named(name, operation) {
    return this.#workspace.operations.name(name, operation);
  }

  /** One at a time: the buttons are only drawn so a moment later. */
  async #during(what, act) {
    if (this.busy !== '') return;
    this.busy = what;
    this.problem = undefined;
    this.changed();
    try {
      await act(this.#workspace.sandbox);
    } catch (error) {
      this.problem = error;
      if (what === 'look') this.status = undefined;
    } finally {
      this.busy = '';
      this.changed();
    }
  }
}

function refusal(exitCode, stderr) {
  if (exitCode === 127 || exitCode === 9009) return failure('GIT_NOT_FOUND', 'git was not found');
  if (stderr.includes('not a git repository'))
    return failure('NOT_A_REPOSITORY', 'this folder is in no git repository');
  return failure('GIT_FAILED', stderr.trim().slice(0, 500) || `git ended with ${exitCode}`);
}
