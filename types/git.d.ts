// The types of git operations.

import type { GitProgressInfo, GitQuestion, GitResult } from '../binding.js';

/**
 * What a git operation authenticates with, if it is asked: a name and a password, a token, or a private key for SSH. It goes
 * to the server of the operation and to no other. It is in no argument, variable, log, event or error.
 */
export type GitAuth =
  | { username: string; password?: string | undefined }
  | { token: string; username?: string | undefined }
  | { privateKey: string; passphrase?: string | undefined };

/** The answer to a question. `null` and `{ cancel: true }` refuse it: the operation fails. */
export type GitCredentials =
  | null
  | undefined
  | { cancel: true }
  | {
      /** For `'username'`. The password may come along: then it is not asked for. */
      username?: string | undefined;
      /** For `'password'`; up to 8184 bytes, on one line. */
      password?: string | undefined;
      /** For `'passphrase'`. */
      passphrase?: string | undefined;
      /** For `'hostKey'`: whether the key of the host is right. Then it is remembered in the user's `known_hosts`. */
      accept?: boolean | undefined;
    };

/** The options that all git operations have. */
export interface GitOptions {
  /** Its id in events. Default: `git-N`. */
  id?: string | undefined;
  /** What it authenticates with. Default: what the user's credential helpers and keys say, and then `onCredentials`. */
  auth?: GitAuth | null | undefined;
  /**
   * Answers what git and ssh ask. Without it an operation that needs more than it has fails with `AUTH_FAILED`, or
   * `HOST_KEY` for a host that is not known. The same thing is asked up to three times. An answer has 2 minutes. If the
   * function throws, the operation fails with its error as `cause`.
   */
  onCredentials?:
    | ((question: GitQuestion & { id: string }) => GitCredentials | Promise<GitCredentials>)
    | undefined;
  /** Cancels it: then it rejects with an `AbortError`, as Node's own functions do. */
  signal?: AbortSignal | undefined;
  /** The longest time that it may take, in milliseconds: 1 to 86400000. Default: without limit. */
  timeoutMs?: number | undefined;
}

/** The options of `git.clone`. */
export interface GitCloneOptions extends GitOptions {
  /** Where the repository is. A user and a password in it are taken out and used as `auth`. */
  url: string;
  /** The directory of the copy, inside the root: missing, or empty. */
  targetDir: string;
  /** The branch or tag that is checked out. Default: the remote's own choice. */
  branch?: string | undefined;
  /** How many commits are copied, from 1 on. Default: all. */
  depth?: number | undefined;
}

/** The options of `git.fetch`, `git.pull` and `git.push`. */
export interface GitExchangeOptions extends GitOptions {
  /** The repository, inside the root. */
  repoPath: string;
  /** The branch. Default: the one that is checked out. */
  branch?: string | undefined;
  /**
   * Overwrites: for a push the remote branch, if nobody else has changed it; otherwise the local copies of the remote's
   * branches and tags. Default: `false`.
   */
  force?: boolean | undefined;
}

/** The options of `git.checkout`. */
export interface GitCheckoutOptions extends GitOptions {
  /** The repository, inside the root. */
  repoPath: string;
  /** The branch, the tag or the commit. */
  branch: string;
  /** Whether the branch is made first. Default: `false`. */
  create?: boolean | undefined;
}

/**
 * A git operation: a Promise of its result. It rejects with the `code` of `git:error` (PROTOCOL section 7), among them
 * `AUTH_FAILED`, `HOST_KEY`, `NETWORK`, `NOT_A_REPOSITORY`, `CONFLICT`, `REJECTED`, `CANCELLED` and `GIT_NOT_FOUND`.
 */
export interface GitOperation extends Promise<GitResult> {
  /** Its id in events; `undefined` if it was not started. */
  readonly id: string | undefined;
  /** How far it is. Whoever reads slowly gets the latest only. Ends with the operation, and never throws. */
  readonly progress: AsyncIterable<GitProgressInfo>;
  /** Ends git and everything that it has started; then the Promise rejects with `CANCELLED`. */
  cancel(): void;
}

/** Git in a workspace: the user's own git, at least 2.30. Wrong options throw before anything starts. */
export interface Git {
  /**
   * Clones a repository. Hooks do not run. If it fails, the directory is as it was.
   *
   * @example const { commit } = await workspace.git.clone({ url: 'https://example.com/a.git', targetDir: 'a' });
   */
  clone(options: GitCloneOptions): GitOperation;
  /**
   * Gets what is new in the remote repository.
   *
   * @example await workspace.git.fetch({ repoPath: 'a' });
   */
  fetch(options: GitExchangeOptions): GitOperation;
  /**
   * Gets what is new, and merges it into the branch that is checked out.
   *
   * @example await workspace.git.pull({ repoPath: 'a' });
   */
  pull(options: GitExchangeOptions): GitOperation;
  /**
   * Sends commits. The hook before a push runs: Git LFS needs it.
   *
   * @example
   * await workspace.git.push({
   *   repoPath: 'a',
   *   onCredentials: async ({ kind, prompt }) => ({ [kind]: await askTheUser(prompt) }),
   * });
   */
  push(options: GitExchangeOptions): GitOperation;
  /**
   * Checks out a branch, a tag or a commit.
   *
   * @example await workspace.git.checkout({ repoPath: 'a', branch: 'topic', create: true });
   */
  checkout(options: GitCheckoutOptions): GitOperation;
}
