//! The health of one upstream, shared by all ports that use it.

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

/// How many circuit breakers are kept that no port uses any more: enough for ports with a probe target of their own
/// that come and go.
const SPARE_CONDITIONS: usize = 8;

/// The part of a deadline that the dial may take. Less than all of it, so that an unreachable host can be told from
/// an upstream that does not answer: only the first can be the fault of our own network.
const DIAL_SHARE: f64 = 0.9;

/// The health of one upstream. Its `Debug` shows no credentials.
#[derive(Debug)]
pub(crate) struct UpstreamHealth {
    upstream: Upstream,
    outage: Arc<Outage>,
    /// Bytes over all its assignments.
    pub(crate) counters: Arc<Counters>,
    /// Client connections that go through it.
    pub(crate) connections: Arc<Connections>,
    users: AtomicUsize,
    born: Instant,
    /// Milliseconds from `born` to the last successful handshake.
    seen: AtomicU64,
    /// One circuit breaker for each probe target in use; usually there is only one.
    breakers: RwLock<Vec<Arc<CircuitBreaker>>>,
}

/// A port's use of the upstream; it ends when this is dropped.
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

    /// Counts a port that uses it.
    pub(crate) fn lease(self: &Arc<Self>) -> Lease {
        self.users.fetch_add(1, Relaxed);
        Lease(Arc::clone(self))
    }

    /// How many ports use it.
    pub(crate) fn users(&self) -> usize {
        self.users.load(Relaxed)
    }

    /// It failed and its pause is not over, or its single probe is still running: try others first.
    pub(crate) fn is_cooling(&self) -> bool {
        self.breakers.read().iter().any(|one| one.is_cooling())
    }

    /// No circuit breaker is open.
    pub(super) fn is_clean(&self) -> bool {
        !self.breakers.read().iter().any(|one| one.is_down())
    }

    /// When the last handshake succeeded.
    pub(crate) fn seen(&self) -> Instant {
        self.born + Duration::from_millis(self.seen.load(Relaxed))
    }

    /// The circuit breaker for checks with that probe target.
    pub(crate) fn breaker(&self, probe: Option<&Target>) -> Arc<CircuitBreaker> {
        let known = |all: &[Arc<CircuitBreaker>]| {
            let mut all = all.iter();
            all.find(|one| one.probe.as_ref() == probe).cloned()
        };
        // A separate statement: the read guard must be dropped before the write lock is taken.
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

    /// Judges the result of a client's connection; `None` is a success.
    pub(super) fn judge(&self, failure: Option<&Failure>) -> Verdict {
        match failure {
            Some(failure) => self.outage.judge(&self.upstream, failure, Instant::now()),
            None => {
                self.outage.reached(&self.upstream);
                Verdict::Healthy
            }
        }
    }

    /// A client's connection completed a handshake.
    pub(crate) fn record_success(&self) {
        self.mark_seen();
        for breaker in &*self.breakers.read() {
            breaker.record_success("traffic");
        }
    }

    /// A client's connection failed.
    pub(crate) fn record_failure(&self, down: &Down) {
        for breaker in &*self.breakers.read() {
            breaker.record_failure(down.clone());
        }
    }

    /// Checks it now, on request, whatever its state is. All its ports see the result.
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

    /// Runs one check; a `deadline` replaces the times of the settings. The caller records the result in a circuit
    /// breaker.
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

    /// The result of a check that failed. Whatever the cause, the upstream cannot be used now.
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
    /// The state after a failure with that verdict; `None` when the failure says nothing about the upstream.
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
