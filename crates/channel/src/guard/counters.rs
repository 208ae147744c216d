//! Counters of the accept loop and the guard, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Why a connection or a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Reason {
    /// The Host is not in the list.
    Host,
    /// The Origin, the Referer or the fetch metadata of a page that is not admitted.
    Origin,
    /// No token, or a wrong one.
    Token,
    /// The request is invalid: its flags, its credentials or its body.
    Request,
    /// A TLS handshake that failed: no TLS, an unsupported version or protocol, a client that left or does not trust
    /// the certificate.
    Handshake,
    /// A request that hyper could not parse, or a client that left before its request was complete.
    Broken,
    /// The request was not complete, or not answered, in time.
    Deadline,
    /// The oldest incomplete request, closed to make room.
    Crowded,
}

impl Reason {
    /// Every reason, in the order of the counters.
    pub const ALL: [Self; 8] = [
        Self::Host,
        Self::Origin,
        Self::Token,
        Self::Request,
        Self::Handshake,
        Self::Broken,
        Self::Deadline,
        Self::Crowded,
    ];

    /// The label that metrics show.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Origin => "origin",
            Self::Token => "token",
            Self::Request => "request",
            Self::Handshake => "handshake",
            Self::Broken => "broken",
            Self::Deadline => "deadline",
            Self::Crowded => "crowded",
        }
    }
}

/// The counters of one listener. They are statistics only: nothing is decided by them, so relaxed ordering is enough.
#[derive(Debug, Default)]
pub struct Counters {
    accepted: AtomicU64,
    accept_errors: AtomicU64,
    panics: AtomicU64,
    open_heads: AtomicU64,
    refused: [AtomicU64; Reason::ALL.len()],
}

impl Counters {
    /// TCP connections accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Relaxed)
    }

    /// Attempts to accept that failed, mostly because there were no file descriptors left.
    #[must_use]
    pub fn accept_errors(&self) -> u64 {
        self.accept_errors.load(Relaxed)
    }

    /// Request tasks that panicked.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.panics.load(Relaxed)
    }

    /// Connections whose request is not complete yet.
    #[must_use]
    pub fn open_heads(&self) -> u64 {
        self.open_heads.load(Relaxed)
    }

    /// Refusals for one reason.
    #[must_use]
    pub fn refused(&self, reason: Reason) -> u64 {
        self.refused[reason as usize].load(Relaxed)
    }

    pub(crate) fn count_accepted(&self) {
        self.accepted.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_accept_error(&self) {
        self.accept_errors.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_panic(&self) {
        self.panics.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_refused(&self, reason: Reason) {
        tracing::debug!(
            reason = reason.label(),
            "a connection or request was refused"
        );
        self.refused[reason as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn set_open_heads(&self, heads: usize) {
        self.open_heads.store(heads as u64, Relaxed);
    }
}
