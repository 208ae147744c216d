//! How an upstream stands by one kind of check: up or down, when to try it next, and one try at a time.
//!
//! All ports of the upstream that check it in the same way share this, so a dead upstream sees one probe per
//! pause, however many ports wait for it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rand::RngExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::model::Target;

/// The first pause before an upstream that failed is probed, and the longest. Short enough that a restart is
/// hardly noticed, long enough that a dead provider is not hammered.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The longest while it is our own network that is missing: trying costs nobody anything, and people look at
/// the screen when they plug it in again.
const LONGEST_LOCAL_PAUSE: Duration = Duration::from_secs(5);

/// How far a pause is varied, so that the upstreams of one dead provider are not knocked at all at once.
const JITTER: f64 = 0.2;

/// One way of checking an upstream, and what is known by it.
#[derive(Debug)]
pub(crate) struct CircuitBreaker {
    /// What a check asks the upstream to connect to.
    pub(crate) probe: Option<Target>,
    status: watch::Sender<BreakerStatus>,
    /// Checks that have come to an end: whoever waited while one did shares what it found.
    checks: AtomicU64,
    /// Held during a check.
    probe_lock: tokio::sync::Mutex<()>,
}

/// How it stands. Ports are told of changes alone: a good connection more is none.
#[derive(Debug)]
pub(crate) struct BreakerStatus {
    pub(super) state: BreakerState,
    pause: Duration,
    /// Not to be tried before.
    pub(crate) next: Instant,
}

#[derive(Debug)]
pub(super) enum BreakerState {
    /// Never tried in this way.
    Unknown,
    /// And what showed it: `traffic`, `probe` or `check`.
    Up(&'static str),
    Down(Down),
}

/// Why it is down.
#[derive(Clone, Debug)]
pub(crate) struct Down {
    /// For statuses: a failure's detail.
    pub(crate) reason: String,
    /// For people; `None` when the upstream is not to blame.
    pub(crate) blame: Option<String>,
    /// A check says so. One connection that failed is the matter of its own port alone.
    pub(super) confirmed: bool,
}

/// What an attempt showed.
#[derive(Debug)]
pub(crate) enum ProbeResult {
    Good,
    Bad(Down),
    /// Nothing about the upstream.
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
            probe_lock: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<BreakerStatus> {
        self.status.subscribe()
    }

    pub(crate) fn is_down(&self) -> bool {
        self.status.borrow().is_down()
    }

    /// It failed, and its pause is not over or its probe is still out.
    pub(crate) fn is_cooling(&self) -> bool {
        let status = self.status.borrow();
        let blamed = matches!(&status.state, BreakerState::Down(down) if down.blame.is_some());
        blamed && (Instant::now() < status.next || self.probe_lock.try_lock().is_err())
    }

    /// It works.
    pub(crate) fn record_success(&self, reason: &'static str) {
        // The common case, every good connection, takes no write lock.
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

    /// It does not. Failures while it rests change nothing: only one that comes when it may be tried again
    /// makes the rest longer.
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

    /// Waits until it may be tried again and tries it, or waits while somebody else does. Dropped, it leaves the
    /// try to the next in the queue.
    pub(crate) async fn recover(&self, check: impl Future<Output = ProbeResult>) {
        let next = self.status.borrow().next;
        sleep_until(next).await;
        let before = self.checks.load(Relaxed);
        let _probe_lock = self.probe_lock.lock().await;
        let wanted = {
            let status = self.status.borrow();
            // Whoever had the baton, or traffic, may have put it off or brought it back.
            !matches!(status.state, BreakerState::Up(_)) && status.next <= Instant::now()
        };
        if wanted {
            self.run_unless_done(before, check, "probe").await;
        }
    }

    /// Checks it unless it is known to be down, somebody else has just done it, or it is not `due` any more when it is our
    /// turn.
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

    /// Checks it on suspicion unless somebody else does already. When that takes longer than until `end`, it is
    /// `silent`.
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
    }

    /// With the baton in hand.
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

    /// Takes in what a check found, whoever made it.
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
