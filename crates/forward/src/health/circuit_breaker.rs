//! The circuit breaker of an upstream for one probe target: its state, the pause before the next probe, and the probe
//! lock.
//!
//! All ports that check the upstream with the same probe target share it, so a dead upstream gets one probe per
//! pause, however many ports wait.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;
use rand::RngExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::model::Target;

/// The first and the longest pause before a failed upstream is probed. Short enough that a restart is hardly noticed,
/// long enough not to overload a provider that is down.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause while our own network is down: probes then reach nobody, and people watch the screen when they
/// plug the cable in.
const LONGEST_LOCAL_PAUSE: Duration = Duration::from_secs(5);

/// The pause between two checks that clients' failed connections and requests ask for. A page that fails each time and is fetched in
/// a loop may ask as often as it likes. Half a second: with the deadline of a check it is two seconds until a port is
/// offline, and hardly anybody notices two checks a second.
const SUSPICION_PAUSE: Duration = Duration::from_millis(500);

/// By how much a pause is varied, so that the upstreams of one dead provider are not all probed at the same moment.
const JITTER: f64 = 0.2;

/// The circuit breaker for one probe target.
#[derive(Debug)]
pub(crate) struct CircuitBreaker {
    /// The target that a check asks the upstream to connect to.
    pub(crate) probe: Option<Target>,
    status: watch::Sender<BreakerStatus>,
    /// How many checks have ended: callers that waited for one share its result.
    checks: AtomicU64,
    /// When the last check ended that a failed connection or request asked for.
    suspected: Mutex<Option<Instant>>,
    /// Held while a check runs: one at a time.
    probe_lock: tokio::sync::Mutex<()>,
}

/// The state and the next probe. Watchers see changes only: one more success is no change.
#[derive(Debug)]
pub(crate) struct BreakerStatus {
    pub(super) state: BreakerState,
    pause: Duration,
    /// No probe before this time.
    pub(crate) next: Instant,
}

#[derive(Debug)]
pub(super) enum BreakerState {
    /// Not checked yet.
    Unknown,
    /// With the reason: `traffic`, `probe` or `check`.
    Up(&'static str),
    Down(Down),
}

/// Why it is down.
#[derive(Clone, Debug)]
pub(crate) struct Down {
    /// For status events: the detail of a failure.
    pub(crate) reason: String,
    /// For people; `None` when the upstream is not to blame.
    pub(crate) blame: Option<String>,
    /// A check confirmed it. A single failed connection concerns its own port only.
    pub(super) confirmed: bool,
}

/// The result of a probe.
#[derive(Debug)]
pub(crate) enum ProbeResult {
    Good,
    Bad(Down),
    /// It says nothing about the upstream.
    Nothing,
}

impl BreakerStatus {
    pub(crate) fn is_down(&self) -> bool {
        matches!(self.state, BreakerState::Down(_))
    }
}

impl CircuitBreaker {
    pub(crate) fn new(probe: Option<Target>) -> Self {
        Self {
            probe,
            status: watch::Sender::new(BreakerStatus {
                state: BreakerState::Unknown,
                pause: FIRST_PAUSE,
                next: Instant::now(),
            }),
            checks: AtomicU64::new(0),
            suspected: Mutex::new(None),
            probe_lock: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<BreakerStatus> {
        self.status.subscribe()
    }

    pub(crate) fn is_down(&self) -> bool {
        self.status.borrow().is_down()
    }

    /// It failed, and its pause is not over or its probe is still running.
    pub(crate) fn is_cooling(&self) -> bool {
        let status = self.status.borrow();
        let blamed = matches!(&status.state, BreakerState::Down(down) if down.blame.is_some());
        blamed && (Instant::now() < status.next || self.probe_lock.try_lock().is_err())
    }

    /// Records a success.
    pub(crate) fn record_success(&self, reason: &'static str) {
        // The common case, a good connection, takes no write lock.
        if matches!(self.status.borrow().state, BreakerState::Up(_)) {
            return;
        }
        self.status.send_if_modified(|status| {
            let news = !matches!(status.state, BreakerState::Up(_));
            if news {
                status.state = BreakerState::Up(reason);
                status.pause = FIRST_PAUSE;
                status.next = Instant::now();
            }
            news
        });
    }

    /// Records a failure. During the pause it changes nothing; a failure after the pause makes the next pause longer.
    pub(crate) fn record_failure(&self, mut down: Down) {
        self.status.send_if_modified(|status| {
            let now = Instant::now();
            let longest = match down.blame {
                Some(_) => LONGEST_PAUSE,
                None => LONGEST_LOCAL_PAUSE,
            };
            let mut news = true;
            if let BreakerState::Down(known) = &status.state {
                let resting = now < status.next;
                news = !resting
                    || known.blame.is_some() != down.blame.is_some()
                    || (down.confirmed && !known.confirmed);
                down.confirmed |= known.confirmed;
                if !resting {
                    status.pause = (status.pause * 2).min(longest);
                    status.next = now + varied(status.pause);
                }
            } else {
                status.pause = FIRST_PAUSE;
                status.next = now + varied(status.pause);
            }
            if news {
                status.state = BreakerState::Down(down);
            }
            news
        });
    }

    /// Waits for the end of the pause, then probes the upstream, or waits for the probe that another caller runs. If
    /// this future is dropped, the next one in the queue probes.
    pub(crate) async fn recover(&self, check: impl Future<Output = ProbeResult>) {
        let next = self.status.borrow().next;
        sleep_until(next).await;
        let before = self.checks.load(Relaxed);
        let _probe_lock = self.probe_lock.lock().await;
        let wanted = {
            let status = self.status.borrow();
            // The previous holder of the lock, or traffic, may have extended the pause or closed the breaker.
            !matches!(status.state, BreakerState::Up(_)) && status.next <= Instant::now()
        };
        if wanted {
            self.run_unless_done(before, check, "probe").await;
        }
    }

    /// Checks it unless it is down, another caller has just checked it, or the check is no longer `due` when the lock
    /// is free.
    pub(crate) async fn check(
        &self,
        due: impl FnOnce() -> bool,
        check: impl Future<Output = ProbeResult>,
    ) {
        let before = self.checks.load(Relaxed);
        let _probe_lock = self.probe_lock.lock().await;
        if !self.is_down() && due() {
            self.run_unless_done(before, check, "check").await;
        }
    }

    /// Checks it because it is suspected, unless another caller is checking it. If that takes longer than `end`, it
    /// counts as `silent`.
    pub(crate) async fn check_until(
        &self,
        end: Instant,
        check: impl Future<Output = ProbeResult>,
        silent: impl FnOnce() -> ProbeResult,
    ) {
        let before = self.checks.load(Relaxed);
        match timeout_at(end, self.probe_lock.lock()).await {
            Ok(_probe_lock) => self.run_unless_done(before, check, "check").await,
            Err(_) => self.record(silent(), "check"),
        }
        self.rest();
    }

    /// A check ended that a failed connection or request asked for.
    pub(crate) fn rest(&self) {
        *self.suspected.lock() = Some(Instant::now());
    }

    /// When it may next be checked because of a failed connection or request.
    pub(crate) fn next_suspicion(&self) -> Instant {
        let last = *self.suspected.lock();
        last.map_or_else(Instant::now, |last| last + SUSPICION_PAUSE)
    }

    /// Runs the check unless another one ended since `before`. The caller holds the probe lock.
    async fn run_unless_done(
        &self,
        before: u64,
        check: impl Future<Output = ProbeResult>,
        reason: &'static str,
    ) {
        if self.checks.load(Relaxed) == before {
            self.record(check.await, reason);
            self.checks.fetch_add(1, Relaxed);
        }
    }

    /// Records the result of a check.
    pub(super) fn record(&self, probe_result: ProbeResult, reason: &'static str) {
        match probe_result {
            ProbeResult::Good => self.record_success(reason),
            ProbeResult::Bad(down) => self.record_failure(down),
            ProbeResult::Nothing => self.status.send_modify(|status| {
                status.next = Instant::now() + varied(FIRST_PAUSE);
            }),
        }
    }
}

fn varied(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(1.0 - JITTER..=1.0 + JITTER))
}

#[cfg(test)]
#[path = "circuit_breaker_test.rs"]
mod tests;
