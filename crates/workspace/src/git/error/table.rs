//! What git, ssh and curl say, and which code it means. The first row that fits counts.
//!
//! The sentences are those of git 2.30 to 2.5x, of OpenSSH and of curl, in English. `tests/git` makes real failures of
//! most rows.

/// What is said, in lower case, and its code.
pub(super) const TABLE: &[(&[&str], &str)] = &[
    (
        &[
            "host key verification failed",
            "remote host identification has changed",
        ],
        "HOST_KEY",
    ),
    (
        &["dubious ownership", "unsafe repository"],
        "DUBIOUS_OWNERSHIP",
    ),
    (
        &["no space left on device", "disk quota exceeded"],
        "NO_SPACE",
    ),
    (
        &[
            "authentication failed",
            "could not read username",
            "could not read password",
            "permission denied (",
            "terminal prompts disabled",
            "returned error: 401",
            "returned error: 403",
            "unable to read askpass response",
            "too many authentication failures",
            "access denied",
            "error in libcrypto",
            "incorrect passphrase",
        ],
        "AUTH_FAILED",
    ),
    (
        &[
            "' not allowed",
            "strange hostname",
            "strange pathname",
            "strange port",
            "newline is forbidden",
            "unable to find remote helper",
            "is not a git command",
        ],
        "URL_REFUSED",
    ),
    (
        &[
            ".lock': file exists",
            "another git process seems to be running",
        ],
        "LOCKED",
    ),
    (
        &[
            "does not appear to be a git repository",
            "not found in upstream",
            "couldn't find remote ref",
            "could not find remote ref",
            "did not match any file(s) known to git",
            "does not match any",
            "invalid reference",
            "no such remote",
            "not a valid object name",
            "is not a commit",
            "unknown revision",
            "returned error: 404",
            "repository not found",
            "is this a git repository?",
            "no such ref was fetched",
            "does not exist",
        ],
        "NOT_FOUND",
    ),
    (
        &[
            "conflict (",
            "automatic merge failed",
            "would be overwritten by",
            "your local changes",
            "unmerged files",
            "unresolved conflict",
            "you have not concluded your merge",
            "you need to resolve your current index first",
            "could not apply",
            "you have unstaged changes",
            "contains uncommitted changes",
            "there is already a rebase",
            "overwriting untracked files",
        ],
        "CONFLICT",
    ),
    (
        &[
            "[rejected]",
            "[remote rejected]",
            "remote unpack failed",
            "hook declined",
            "protected branch",
            "not possible to fast-forward",
            "divergent branches",
            "refusing to merge unrelated histories",
            "refusing to fetch into",
        ],
        "REJECTED",
    ),
    (
        &[
            "could not resolve host",
            "could not resolve proxy",
            "name or service not known",
            "unable to look up",
            "connection refused",
            "connection reset",
            "connection timed out",
            "connection closed",
            "operation timed out",
            "timed out",
            "operation too slow",
            "failed to connect",
            "couldn't connect",
            "network is unreachable",
            "no route to host",
            "hung up unexpectedly",
            "early eof",
            "unexpected disconnect",
            "ssl certificate",
            "ssl connect",
            "ssl routines",
            "ssl_",
            "gnutls",
            "tls connect",
            "tls alert",
            "certificate verif",
            "server certificate",
            "schannel",
            "rpc failed",
            "returned error: 5",
            "returned error: 429",
            "empty reply from server",
            "kex_exchange_identification",
            "broken pipe",
            "recv failure",
            "send failure",
            "transfer closed",
            "protocol error: bad",
        ],
        "NETWORK",
    ),
    (&["not a git repository"], "NOT_A_REPOSITORY"),
    (&["already exists"], "EXISTS"),
    (
        &["permission denied", "read-only file system"],
        "NOT_PERMITTED",
    ),
];

/// What says that something has failed, and not what. It counts only if nothing else is said.
pub(super) const GENERAL: &[(&[&str], &str)] = &[
    (&["failed to push some refs"], "REJECTED"),
    (
        &["could not read from remote repository", "unable to access"],
        "NETWORK",
    ),
];

/// Lines that help nobody who reads only one.
pub(super) const EMPTY_WORDS: &[&str] = &[
    "please make sure you have the correct access rights",
    "and the repository exists.",
    "failed to push some refs",
    "could not read from remote repository",
    "exiting because of",
    "aborting",
];
