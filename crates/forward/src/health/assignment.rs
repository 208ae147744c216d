//! An assignment: one upstream that serves one port, until the next one replaces it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::selection::Selection;
use super::upstream_health::{Lease, UpstreamHealth};
use crate::model::{Counters, OpenConnection};
use crate::upstream::Upstream;

/// An upstream that serves a port, and what is known about it. A connection keeps the assignment it began with.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) upstream: Upstream,
    pub(crate) selection: Selection,
    /// The URL of the provider that it comes from; `None` if it was given inline. Edits of another provider's list do
    /// not concern it.
    pub(crate) source: Option<Arc<str>>,
    /// From the request; shown in `getConfigJSON`.
    pub(crate) plan: String,
    pub(crate) action_type: String,
    /// When the request began, and when the upstream was assigned: the dates in the configuration.
    pub(crate) requested: SystemTime,
    pub(crate) taken: SystemTime,
    /// `taken` on the monotonic clock.
    pub(crate) since: Instant,
    /// Since when this proxy serves the port, renewals included: rotation is timed by it.
    pub(crate) serving: Instant,
    /// How often the provider was asked again for this proxy.
    pub(crate) refreshes: u64,
    pub(crate) counters: Arc<Counters>,
    /// The upstream's health, shared by all ports.
    pub(crate) health: Arc<UpstreamHealth>,
    /// Released when another assignment takes over.
    lease: Mutex<Option<Lease>>,
    /// Closes the connections that still use it.
    pub(crate) cancel: CancellationToken,
    /// Microseconds of the last successful dial and handshake.
    latency: AtomicU64,
    last_error: Mutex<Option<String>>,
    /// Another assignment has taken over: results of old connections no longer change the port's status.
    retired: AtomicBool,
}

/// What a new assignment is made of.
pub(crate) struct NewAssignment {
    pub(crate) upstream: Upstream,
    pub(crate) selection: Selection,
    pub(crate) source: Option<Arc<str>>,
    pub(crate) plan: String,
    pub(crate) action_type: String,
    pub(crate) requested: SystemTime,
    pub(crate) lease: Lease,
    pub(crate) health: Arc<UpstreamHealth>,
}

impl Assignment {
    pub(crate) fn new(taken: NewAssignment) -> Self {
        Self {
            upstream: taken.upstream,
            selection: taken.selection,
            source: taken.source,
            plan: taken.plan,
            action_type: taken.action_type,
            requested: taken.requested,
            taken: SystemTime::now(),
            since: Instant::now(),
            serving: Instant::now(),
            refreshes: 0,
            counters: Arc::default(),
            health: taken.health,
            lease: Mutex::new(Some(taken.lease)),
            cancel: CancellationToken::new(),
            latency: AtomicU64::new(0),
            last_error: Mutex::default(),
            retired: AtomicBool::new(false),
        }
    }

    /// The same proxy after a renewal: its count continues.
    pub(crate) fn renewing(mut self, old: &Self) -> Self {
        self.refreshes = old.refreshes + 1;
        self.serving = old.serving;
        self
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency.store(micros, Relaxed);
    }

    /// Milliseconds, rounded up, so that a local upstream does not show 0.
    pub(crate) fn latency_ms(&self) -> u64 {
        self.latency.load(Relaxed).div_ceil(1000)
    }

    pub(crate) fn set_last_error(&self, error: String) {
        *self.last_error.lock() = Some(error);
    }

    pub(crate) fn last_error(&self) -> Option<String> {
        self.last_error.lock().clone()
    }

    pub(crate) fn retire(&self) {
        self.retired.store(true, Relaxed);
        self.lease.lock().take();
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Relaxed)
    }
}

/// Counts the bytes of a connection for its port and for its upstream.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    pub(crate) port: Arc<Counters>,
    pub(crate) assignment: Arc<Assignment>,
}

impl Meter {
    /// Bytes the upstream has taken.
    pub(crate) fn up(&self, bytes: usize) {
        for counters in [
            &self.port,
            &self.assignment.counters,
            &self.assignment.health.counters,
        ] {
            counters.add_up(bytes);
        }
    }

    /// Bytes the client has taken.
    pub(crate) fn down(&self, bytes: usize) {
        for counters in [
            &self.port,
            &self.assignment.counters,
            &self.assignment.health.counters,
        ] {
            counters.add_down(bytes);
        }
    }
}

/// The upstream that a connection or request uses, and where its bytes are counted.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) assignment: Arc<Assignment>,
    pub(crate) meter: Meter,
}

impl Route {
    /// Counts a connection at its upstream, for as long as the result lives.
    pub(crate) fn enter(&self) -> OpenConnection {
        self.assignment.health.connections.count()
    }
}
