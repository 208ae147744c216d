//! One upstream in the service of one port, from the request that brought it until the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::selection::Selection;
use super::upstream_health::{Lease, UpstreamHealth};
use crate::model::{Counters, OpenConnection};
use crate::upstream::Upstream;

/// An upstream in service, and what was learnt of it. Connections keep the link they began with.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) upstream: Upstream,
    pub(crate) selection: Selection,
    /// As the request gave them; shown in `getConfigJSON`.
    pub(crate) plan: String,
    pub(crate) action_type: String,
    /// When the request began, and when the upstream was taken: for the configuration's dates.
    pub(crate) requested: SystemTime,
    pub(crate) taken: SystemTime,
    /// The monotonic twin of `taken`.
    pub(crate) since: Instant,
    /// Since when it is this proxy, however often it was renewed: rotation goes by it.
    pub(crate) serving: Instant,
    /// How often the provider was asked for this proxy again.
    pub(crate) refreshes: u64,
    pub(crate) counters: Arc<Counters>,
    /// What all ports together know of this upstream.
    pub(crate) health: Arc<UpstreamHealth>,
    /// Given back when another link takes over.
    lease: Mutex<Option<Lease>>,
    /// Ends the connections that still use it.
    pub(crate) cancel: CancellationToken,
    /// Microseconds of the last good dial and handshake.
    latency: AtomicU64,
    last_error: Mutex<Option<String>>,
    /// Another link has taken over: what old connections learn is no news about the port any more.
    retired: AtomicBool,
}

/// What a link is made of.
pub(crate) struct NewAssignment {
    pub(crate) upstream: Upstream,
    pub(crate) selection: Selection,
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

    /// The same proxy, asked for once more: its count goes on.
    pub(crate) fn renewing(mut self, old: &Self) -> Self {
        self.refreshes = old.refreshes + 1;
        self.serving = old.serving;
        self
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency.store(micros, Relaxed);
    }

    /// Milliseconds, rounded up so that a local upstream does not show 0.
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

/// Counts a connection's bytes for its port and for its upstream at once.
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

/// The upstream a connection or request uses, and where its bytes are counted.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) assignment: Arc<Assignment>,
    pub(crate) meter: Meter,
}

impl Route {
    /// Counts a connection in at its upstream.
    pub(crate) fn enter(&self) -> OpenConnection {
        self.assignment.health.connections.count()
    }
}
