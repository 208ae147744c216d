//! The result of a call: a number for each kind of failure.

use loopwire_runtime::{Class, Failure};

/// What a call comes to. Numbers never change their meaning; later versions may add some.
///
/// The text of a failure is in `loopwire_last_error_message()`, its code as text in `loopwire_last_error_code()`. The code is
/// the same as `error.code` in JavaScript, and more exact than the number.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopwireResult {
    /// It was done.
    Ok = 0,
    /// It was refused, or failed; the code says why.
    Failed = 1,
    /// An argument has a value that it may not have: NULL, what is not UTF-8, JSON of another form.
    InvalidArgument = 2,
    /// A number is out of its range.
    OutOfRange = 3,
    /// The JSON of the options has a key that there is not.
    UnknownOption = 4,
    /// The runtime was shut down.
    ShutDown = 5,
    /// The process was forked after the library had been used; see "fork" in docs/c-api.md.
    Forked = 6,
    /// It would wait for the callback that it is called in.
    InCallback = 7,
    /// Nothing came within the time.
    TimedOut = 8,
    /// There is nothing more, and there never will be.
    Ended = 9,
    /// The port is in use.
    AddressInUse = 10,
    /// The address, or the right to use it, is missing.
    AddressUnusable = 11,
    /// The process, or the system, has too many open files.
    TooManyFiles = 12,
    /// The token is too short, too long, or has other characters than `[0-9A-Za-z._~-]`.
    InvalidToken = 13,
    /// Others on the network could read along: set `tls` or `insecure`.
    InsecureHost = 14,
    /// The journal is full, because a callback is too far behind.
    JournalFull = 15,
    /// The event is too large.
    EventTooLarge = 16,
    /// The workspace was closed.
    Closed = 17,
    /// The operation was cancelled.
    Cancelled = 18,
    /// There is no memory for the result.
    NoMemory = 19,
    /// A fault of the library. The text says which; please report it.
    Internal = 99,
}

impl LoopwireResult {
    /// The number for a failure.
    pub(crate) fn of(failure: &Failure) -> Self {
        match failure.code() {
            "ERR_UNKNOWN_OPTION" => Self::UnknownOption,
            "ERR_SHUT_DOWN" | "ERR_CLOSED" => Self::ShutDown,
            "ERR_FORKED" => Self::Forked,
            "ERR_IN_CALLBACK" => Self::InCallback,
            "ERR_TIMED_OUT" => Self::TimedOut,
            "ERR_ENDED" => Self::Ended,
            "EADDRINUSE" => Self::AddressInUse,
            "EADDRNOTAVAIL" | "EACCES" | "ERR_LISTEN" => Self::AddressUnusable,
            "EMFILE" | "TOO_MANY_OPEN_FILES" => Self::TooManyFiles,
            "ERR_TOKEN_INVALID" => Self::InvalidToken,
            "ERR_INSECURE_HOST" => Self::InsecureHost,
            "ERR_JOURNAL_FULL" => Self::JournalFull,
            "ERR_EVENT_TOO_LARGE" => Self::EventTooLarge,
            "NO_WORKSPACE" => Self::Closed,
            "CANCELLED" => Self::Cancelled,
            "ENOMEM" => Self::NoMemory,
            "ERR_INTERNAL" | "INTERNAL" => Self::Internal,
            _ => match failure.class() {
                Class::Type => Self::InvalidArgument,
                Class::Range => Self::OutOfRange,
                Class::Error => Self::Failed,
            },
        }
    }
}
