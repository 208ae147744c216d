// What went wrong, with what helps.

/** By the code of the error (PROTOCOL section 7). */
const ADVICE = {
  __proto__: null,
  NO_WORKSPACE:
    "The application has opened no workspace. Call openWorkspace('a/directory') in it, or start loopwire serve with --workspace.",
  TOKEN_ROTATED: 'What goes on in the workspace goes on. Attach to it, or start again.',
  DISCONNECTED: 'What goes on in the workspace goes on. Attach to it, or start again.',
  GIT_NOT_FOUND: 'Install git 2.30 or newer on the machine of the listener, in its PATH.',
  ROOT_REFUSED:
    'Open a workspace of one project: no snapshots are taken of / and of home directories.',
  GONE: 'The workspace has forgotten it. How long it keeps what has ended is the option detachMs.',
  TOO_MANY_TERMINALS: 'End one, or raise maxTerminals of openWorkspace.',
  TOO_MANY_WATCHES: 'End another watch, or raise maxWatches of openWorkspace.',
  PATH_OUTSIDE: 'Only paths inside the workspace can be used.',
  NOT_FOUND: 'Is it written as in the workspace? Paths are relative to its root.',
  INPUT_FULL: 'The command reads no input now.',
  SNAPSHOT_NOT_FOUND: 'It was deleted, or removed as one of the oldest. Show the list again.',
  AUTH_FAILED: 'This page gives no credentials. Use a terminal, or the credential helper of git.',
  CONNECTION_LOST: 'It may have been done. Look before you try again.',
  NOT_CONNECTED: 'Try again when the connection is back.',
  OUTCOME_UNKNOWN: 'Messages were lost. Look whether it was done.',
};

/** The option of `openWorkspace` that allows a part. */
const OPTIONS = {
  terminals: 'terminal: true',
  changes: "watch: 'auto' or 'onDemand'",
  git: 'git: true',
  snapshots: 'snapshots: true',
};

/** @param {{error?: Error & {code?: string}, part: keyof OPTIONS}} props */
export function Problem({ error, part }) {
  if (!error) return null;
  const option = error.code === 'NOT_ENABLED' && OPTIONS[part];
  return (
    <p class="problem" role="alert">
      <bdi>{error.message}</bdi>.{' '}
      {option ? (
        <>
          The application has switched it off. It is on with <code>{option}</code> of{' '}
          <code>openWorkspace</code>.
        </>
      ) : (
        ADVICE[error.code]
      )}
    </p>
  );
}
