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
pub(crate) struct Condition {
    /// What a check asks the upstream to connect to.
    pub(crate) probe: Option<Target>,
    state: watch::Sender<State>,
    /// Checks that have come to an end: whoever waited while one did shares what it found.
    checks: AtomicU64,
    /// Held during a check.
    baton: tokio::sync::Mutex<()>,
}

/// How it stands. Ports are told of changes alone: a good connection more is none.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) standing: Standing,
    pause: Duration,
    /// Not to be tried before.
    pub(crate) next: Instant,
}

#[derive(Debug)]
pub(super) enum Standing {
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
pub(crate) enum Finding {
    Good,
    Bad(Down),
    /// Nothing about the upstream.
    Nothing,
}

impl State {
    pub(crate) fn is_down(&self) -> bool {
        matches!(self.standing, Standing::Down(_))
    }
}

impl Condition {
    pub(crate) fn new(probe: Option<Target>) -> Self {
        Self {
            probe,
            state: watch::Sender::new(State {
                standing: Standing::Unknown,
                pause: FIRST_PAUSE,
                next: Instant::now(),
            }),
            checks: AtomicU64::new(0),
            baton: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(crate) fn is_down(&self) -> bool {
        self.state.borrow().is_down()
    }

    /// It failed, and its pause is not over or its probe is still out.
    pub(crate) fn is_cooling(&self) -> bool {
        let state = self.state.borrow();
        let blamed = matches!(&state.standing, Standing::Down(down) if down.blame.is_some());
        blamed && (Instant::now() < state.next || self.baton.try_lock().is_err())
    }

    /// It works.
    pub(crate) fn good(&self, reason: &'static str) {
        // The common case, every good connection, takes no write lock.
        if matches!(self.state.borrow().standing, Standing::Up(_)) {
            return;
        }
        self.state.send_if_modified(|state| {
            let news = !matches!(state.standing, Standing::Up(_));
            if news {
                state.standing = Standing::Up(reason);
                state.pause = FIRST_PAUSE;
                state.next = Instant::now();
            }
            news
        });
    }

    /// It does not. Failures while it rests change nothing: only one that comes when it may be tried again
    /// makes the rest longer.
    pub(crate) fn bad(&self, mut down: Down) {
        self.state.send_if_modified(|state| {
            let now = Instant::now();
            let longest = match down.blame {
                Some(_) => LONGEST_PAUSE,
                None => LONGEST_LOCAL_PAUSE,
            };
            let mut news = true;
            if let Standing::Down(known) = &state.standing {
                let resting = now < state.next;
                news = !resting
                    || known.blame.is_some() != down.blame.is_some()
                    || (down.confirmed && !known.confirmed);
                down.confirmed |= known.confirmed;
                if !resting {
                    state.pause = (state.pause * 2).min(longest);
                    state.next = now + varied(state.pause);
                }
            } else {
                state.pause = FIRST_PAUSE;
                state.next = now + varied(state.pause);
            }
            if news {
                state.standing = Standing::Down(down);
            }
            news
        });
    }

    /// Waits until it may be tried again and tries it, or waits while somebody else does. Dropped, it leaves the
    /// try to the next in the queue.
    pub(crate) async fn recover(&self, check: impl Future<Output = Finding>) {
        let next = self.state.borrow().next;
        sleep_until(next).await;
        let before = self.checks.load(Relaxed);
        let _baton = self.baton.lock().await;
        let wanted = {
            let state = self.state.borrow();
            // Whoever had the baton, or traffic, may have put it off or brought it back.
            !matches!(state.standing, Standing::Up(_)) && state.next <= Instant::now()
        };
        if wanted {
            self.unless_since(before, check, "probe").await;
        }
    }

    /// Checks it unless it is known to be down, somebody else has just done it, or it is not `due` any more when it is our
    /// turn.
    pub(crate) async fn check(
        &self,
        due: impl FnOnce() -> bool,
        check: impl Future<Output = Finding>,
    ) {
        let before = self.checks.load(Relaxed);
        let _baton = self.baton.lock().await;
        if !self.is_down() && due() {
            self.unless_since(before, check, "check").await;
        }
    }

    /// Checks it on suspicion unless somebody else does already. When that takes longer than until `end`, it is
    /// `silent`.
    pub(crate) async fn check_until(
        &self,
        end: Instant,
        check: impl Future<Output = Finding>,
        silent: impl FnOnce() -> Finding,
    ) {
        let before = self.checks.load(Relaxed);
        match timeout_at(end, self.baton.lock()).await {
            Ok(_baton) => self.unless_since(before, check, "check").await,
            Err(_) => self.learn(silent(), "check"),
        }
    }

    /// With the baton in hand.
    async fn unless_since(
        &self,
        before: u64,
        check: impl Future<Output = Finding>,
        reason: &'static str,
    ) {
        if self.checks.load(Relaxed) == before {
            self.learn(check.await, reason);
            self.checks.fetch_add(1, Relaxed);
        }
    }

    /// Takes in what a check found, whoever made it.
    pub(super) fn learn(&self, finding: Finding, reason: &'static str) {
        match finding {
            Finding::Good => self.good(reason),
            Finding::Bad(down) => self.bad(down),
            Finding::Nothing => self.state.send_modify(|state| {
                state.next = Instant::now() + varied(FIRST_PAUSE);
            }),
        }
    }
}

fn varied(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(1.0 - JITTER..=1.0 + JITTER))
}

#[cfg(test)]
#[path = "breaker_test.rs"]
mod tests;
