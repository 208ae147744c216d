//! One upstream in the service of one port, from the request that brought it until the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;

use crate::counters::Counters;
use crate::record::{Claim, Record};
use crate::upstream::Upstream;

/// An upstream in service, and what was learnt of it. Connections keep the link they began with.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) upstream: Upstream,
    /// What is known of it, in the service of whichever port.
    pub(crate) record: Arc<Record>,
    /// Until another link takes over.
    claim: Mutex<Option<Claim>>,
    /// As the request gave them; shown in `getConfigJSON`.
    pub(crate) plan: String,
    pub(crate) action_type: String,
    /// When the request began, and when the upstream was taken: for the configuration's dates.
    pub(crate) requested: SystemTime,
    pub(crate) taken: SystemTime,
    /// The monotonic twin of `taken`.
    pub(crate) since: Instant,
    pub(crate) counters: Arc<Counters>,
    /// Microseconds of the last good dial and handshake.
    latency: AtomicU64,
    last_error: Mutex<Option<String>>,
    /// Another link has taken over: what old connections learn is no news about the port any more.
    retired: AtomicBool,
}

impl Link {
    pub(crate) fn new(
        record: Arc<Record>,
        upstream: Upstream,
        plan: &str,
        action_type: &str,
        requested: SystemTime,
        latency: Duration,
    ) -> Arc<Self> {
        let link = Self {
            upstream,
            claim: Mutex::new(Some(record.claim())),
            record,
            plan: plan.to_owned(),
            action_type: action_type.to_owned(),
            requested,
            taken: SystemTime::now(),
            since: Instant::now(),
            counters: Arc::default(),
            latency: AtomicU64::new(0),
            last_error: Mutex::default(),
            retired: AtomicBool::new(false),
        };
        link.set_latency(latency);
        Arc::new(link)
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

    /// It serves no port any more. Connections that are under way go on.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Relaxed);
        drop(self.claim.lock().take());
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Relaxed)
    }
}

/// Counts a connection's bytes for its port, for the upstream in its service, and for the upstream in all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    pub(crate) port: Arc<Counters>,
    pub(crate) upstream: Arc<Counters>,
    /// The upstream's, over all its links.
    pub(crate) record: Arc<Counters>,
}

impl Meter {
    /// Bytes the upstream has taken.
    pub(crate) fn up(&self, bytes: usize) {
        self.port.add_up(bytes);
        self.upstream.add_up(bytes);
        self.record.add_up(bytes);
    }

    /// Bytes the client has taken.
    pub(crate) fn down(&self, bytes: usize) {
        self.port.add_down(bytes);
        self.upstream.add_down(bytes);
        self.record.add_down(bytes);
    }
}
