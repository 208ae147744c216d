// The types of git operations.

import type { GitAuthentication, GitPhase, GitQuestionKind } from '../../types/wire/index.js';

/** What a git operation authenticates with, if it is asked. */
export type GitAuth = GitAuthentication;

/** What git or ssh wants to know. */
export interface GitQuestion {
  id: string;
  kind: GitQuestionKind;
  /** The sentence in which it is asked. */
  prompt: string;
  url?: string;
  host?: string;
  username?: string;
  fingerprint?: string;
  /** How often this has been asked, from 1 on. */
  attempt: number;
}

/** The answer to a question: the key of its kind. `null` and `{ cancel: true }` refuse it. */
export type GitCredentials =
  | null
  | undefined
  | { cancel: true }
  | { username?: string; password?: string; passphrase?: string; accept?: boolean };

/** The options that all git operations have. */
export interface GitOptions {
  /** Its id in events. Default: a new one. */
  id?: string;
  auth?: GitAuth;
  /** Answers what git and ssh ask. The workspace asks the connection that has begun the operation, and no later one. */
  onCredentials?: (question: GitQuestion) => GitCredentials | Promise<GitCredentials>;
  /** Cancels it: then it rejects with an `AbortError`. */
  signal?: AbortSignal;
  /** The longest time that it may take, in milliseconds. Default: without limit. */
  timeoutMs?: number;
}

export interface GitCloneOptions extends GitOptions {
  url: string;
  /** The directory of the copy: missing, or empty. */
  targetDir: string;
  branch?: string;
  depth?: number;
}

export interface GitExchangeOptions extends GitOptions {
  repoPath: string;
  branch?: string;
  force?: boolean;
}

export interface GitCheckoutOptions extends GitOptions {
  repoPath: string;
  branch: string;
  create?: boolean;
}

/** How far a git operation is. */
export interface GitProgressInfo {
  /** From 0 to 100; it never falls. */
  percent: number;
  status: string;
  phase: GitPhase;
  received: number | null;
  total: number | null;
  bytes: number | null;
  bytesPerSecond: number | null;
}

/**
 * A git operation: a Promise of its result. It goes on without a connection; its end is learned when there is one again. Rejects
 * with the `code` of `git:error`, and with `OUTCOME_UNKNOWN` if the messages that tell its end are lost (a restart, a gap).
 */
export interface GitOperation extends Promise<{ commit: string | null }> {
  readonly id: string;
  /** How far it is, the latest figures each time. Ends with the operation, and never throws. */
  readonly progress: AsyncIterable<GitProgressInfo>;
  /** Ends it: then the Promise rejects with `CANCELLED`. */
  cancel(): void;
}

/** Git in the workspace. */
export interface SandboxGit {
  /** @example const { commit } = await sandbox.git.clone({ url: 'https://example.com/a.git', targetDir: 'a' }); */
  clone(options: GitCloneOptions): GitOperation;
  /** Gets what is new in the remote repository. */
  fetch(options: GitExchangeOptions): GitOperation;
  /** Gets what is new, and merges it into the branch that is checked out. */
  pull(options: GitExchangeOptions): GitOperation;
  /** Sends commits. */
  push(options: GitExchangeOptions): GitOperation;
  /** Checks out a branch, a tag or a commit. */
  checkout(options: GitCheckoutOptions): GitOperation;
}
