//! What is known of one upstream, whichever ports use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::RwLock;
use tokio::time::{Instant, timeout};

use super::circuit_breaker::{CircuitBreaker, Down, ProbeResult};
use super::outage::Outage;
use crate::dial;
use crate::model::{Connections, Counters, Detail, Failure, LocalError, Target, Verdict};
use crate::upstream::{Settings, Upstream};

/// How many kinds of check are remembered that no port uses any more: enough for the ports that come and go
/// with a probe target of their own.
const SPARE_CONDITIONS: usize = 8;

/// The part of a deadline that the dial may take. Not all of it, so that a host that is not there is told from
/// an upstream that says nothing: only the first may be our own network's fault.
const DIAL_SHARE: f64 = 0.9;

/// An upstream's record. Never shows credentials.
#[derive(Debug)]
pub(crate) struct UpstreamHealth {
    upstream: Upstream,
    outage: Arc<Outage>,
    /// Bytes over all its links.
    pub(crate) counters: Arc<Counters>,
    /// Connections of clients that go through it.
    pub(crate) connections: Arc<Connections>,
    users: AtomicUsize,
    born: Instant,
    /// Milliseconds from `born` to the last good handshake.
    seen: AtomicU64,
    /// One for each probe target that is in use, mostly one in all.
    breakers: RwLock<Vec<Arc<CircuitBreaker>>>,
}

/// A port uses the upstream, until this is dropped.
#[derive(Debug)]
pub(crate) struct Lease(Arc<UpstreamHealth>);

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.users.fetch_sub(1, Relaxed);
    }
}

impl UpstreamHealth {
    pub(crate) fn new(upstream: Upstream, outage: Arc<Outage>) -> Self {
        Self {
            upstream,
            outage,
            counters: Arc::default(),
            connections: Arc::default(),
            users: AtomicUsize::new(0),
            born: Instant::now(),
            seen: AtomicU64::new(0),
            breakers: RwLock::default(),
        }
    }

    /// The provider's id for it.
    pub(crate) fn id(&self) -> &str {
        &self.upstream.id
    }

    /// Protocol and address, without credentials.
    pub(crate) fn name(&self) -> String {
        self.upstream.to_string()
    }

    /// Notes that a port uses it.
    pub(crate) fn lease(self: &Arc<Self>) -> Lease {
        self.users.fetch_add(1, Relaxed);
        Lease(Arc::clone(self))
    }

    /// How many ports use it.
    pub(crate) fn users(&self) -> usize {
        self.users.load(Relaxed)
    }

    /// It failed lately and its cool-down is not over, or its single probe is still out: others first.
    pub(crate) fn is_cooling(&self) -> bool {
        self.breakers.read().iter().any(|one| one.is_cooling())
    }

    /// Nothing bad is known of it.
    pub(super) fn is_clean(&self) -> bool {
        !self.breakers.read().iter().any(|one| one.is_down())
    }

    /// When a handshake last went well.
    pub(crate) fn seen(&self) -> Instant {
        self.born + Duration::from_millis(self.seen.load(Relaxed))
    }

    /// How it stands by checks with that probe target.
    pub(crate) fn breaker(&self, probe: Option<&Target>) -> Arc<CircuitBreaker> {
        let known = |all: &[Arc<CircuitBreaker>]| {
            let mut all = all.iter();
            all.find(|one| one.probe.as_ref() == probe).cloned()
        };
        // A statement of its own: the guard must be gone before the other lock is taken.
        let found = known(&self.breakers.read());
        if let Some(found) = found {
            return found;
        }
        let mut breakers = self.breakers.write();
        if let Some(found) = known(&breakers) {
            return found;
        }
        if breakers.len() >= SPARE_CONDITIONS {
            breakers.retain(|one| Arc::strong_count(one) > 1);
        }
        let new = Arc::new(CircuitBreaker::new(probe.cloned()));
        breakers.push(Arc::clone(&new));
        new
    }

    /// What an attempt of real traffic says: `None` is a success.
    pub(super) fn judge(&self, failure: Option<&Failure>) -> Verdict {
        match failure {
            Some(failure) => self.outage.judge(&self.upstream, failure, Instant::now()),
            None => {
                self.outage.reached(&self.upstream);
                Verdict::Healthy
            }
        }
    }

    /// Real traffic got a handshake through.
    pub(crate) fn record_success(&self) {
        self.mark_seen();
        for breaker in &*self.breakers.read() {
            breaker.record_success("traffic");
        }
    }

    /// Real traffic did not.
    pub(crate) fn record_failure(&self, down: &Down) {
        for breaker in &*self.breakers.read() {
            breaker.record_failure(down.clone());
        }
    }

    /// Checks it on somebody's order, at once and whatever is known, and shares what that shows with all its
    /// ports: the latency or the failure.
    pub(crate) async fn check(
        &self,
        settings: &Settings,
        probe: Option<&Target>,
    ) -> Result<Duration, Failure> {
        let breaker = self.breaker(probe);
        let (result, probe_result) = self.run_check(settings, probe, None).await;
        breaker.record(probe_result, "probe");
        result
    }

    /// One check, with its `deadline` in place of the times in the settings. Whoever asks for it has its condition
    /// learn what it found.
    pub(crate) async fn run_check(
        &self,
        settings: &Settings,
        probe: Option<&Target>,
        deadline: Option<Duration>,
    ) -> (Result<Duration, Failure>, ProbeResult) {
        let begun = Instant::now();
        let result = match deadline {
            Some(deadline) => {
                let mut limited = settings.clone();
                let dial = deadline.mul_f64(DIAL_SHARE);
                limited.connect_timeout = limited.connect_timeout.min(dial);
                timeout(deadline, dial::check(&self.upstream, probe, &limited))
                    .await
                    .unwrap_or(Err(Failure::Silent))
            }
            None => dial::check(&self.upstream, probe, settings).await,
        };
        let result = result.map(|()| begun.elapsed());
        let probe_result = match &result {
            Ok(_) => {
                self.mark_seen();
                self.outage.reached(&self.upstream);
                ProbeResult::Good
            }
            Err(failure) => self.judge_check(failure),
        };
        (result, probe_result)
    }

    /// What a check that failed says. Whatever the cause, the upstream is of no use as it is.
    pub(crate) fn judge_check(&self, failure: &Failure) -> ProbeResult {
        match Down::of(self.judge(Some(failure)), failure) {
            Some(down) => ProbeResult::Bad(Down {
                confirmed: true,
                ..down
            }),
            None => ProbeResult::Nothing,
        }
    }

    fn mark_seen(&self) {
        let age = self.born.elapsed().as_millis();
        self.seen
            .store(u64::try_from(age).unwrap_or(u64::MAX), Relaxed);
    }
}

impl Down {
    /// What is known after a failure that was judged so; `None` when it says nothing about the way there.
    pub(crate) fn of(verdict: Verdict, failure: &Failure) -> Option<Self> {
        let (reason, blame) = match verdict {
            Verdict::Local(LocalError::Shortage) => return None,
            Verdict::Local(LocalError::Network) => (Detail::NetworkUnreachable, None),
            _ => (failure.detail(), Some(failure.to_string())),
        };
        Some(Self {
            reason: reason.to_string(),
            blame,
            confirmed: false,
        })
    }
}

#[cfg(test)]
#[path = "upstream_health_test.rs"]
pub(crate) mod tests;
