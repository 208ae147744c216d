//! Whether a port is online: what traffic and checks teach about its upstream, and when to check.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;
use rand::Rng;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use crate::dial;
use crate::failure::Failure;
use crate::link::Link;
use crate::port::Port;

/// How long a check that traffic asked for may take: with it a port is offline at most two seconds after the
/// attempt that failed.
const SUSPECT_DEADLINE: Duration = Duration::from_millis(1500);

/// The first pause before an offline upstream is probed, and the longest. Short enough that a restart is
/// hardly noticed, long enough that a dead provider is not hammered.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How far a pause is varied, so that a hundred ports of one dead provider do not knock at once.
const JITTER: f64 = 0.2;

/// What is known of a port. Every change has a version of its own, so that going offline and coming back
/// between two looks is still a change.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) version: u64,
    pub(crate) online: bool,
    /// Why it is so: `forwarded`, `traffic`, `probe`, `check`, or a failure's detail.
    pub(crate) reason: String,
    /// The port is at its end; nothing changes any more.
    pub(crate) ending: Option<Ending>,
}

/// Why a port ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Somebody removed it: one `portStateUpdate`, and it is forgotten.
    Ordered,
    /// It was stopped, with all others: one `portStateUpdate`, and it stays in the saved data.
    Stopped,
    /// The engine removed it: `portRemoved`, and it is forgotten.
    Automatic,
}

/// A port's health.
#[derive(Debug)]
pub(crate) struct Health {
    status: watch::Sender<Status>,
    /// When a handshake last went well; an idle check is due some time after.
    seen: Mutex<Instant>,
    /// Traffic could not tell whether the upstream or the target is dead.
    suspected: AtomicBool,
    wake: Notify,
    /// Rung when the port goes offline and its upstream is to blame.
    pub(crate) blamed: Notify,
}

impl Health {
    /// Online: a port begins after a good handshake.
    pub(crate) fn new() -> Self {
        Self {
            status: watch::Sender::new(Status {
                version: 1,
                online: true,
                reason: "forwarded".to_owned(),
                ending: None,
            }),
            seen: Mutex::new(Instant::now()),
            suspected: AtomicBool::new(false),
            wake: Notify::new(),
            blamed: Notify::new(),
        }
    }

    /// A restored port that begins with an upstream that failed. Gives the version, which the request's end
    /// tells of.
    pub(crate) fn begin_offline(&self, reason: &str) -> u64 {
        self.status.send_modify(|status| {
            status.online = false;
            status.reason.replace_range(.., reason);
        });
        self.status.borrow().version
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    pub(crate) fn online(&self) -> bool {
        self.status.borrow().online
    }

    /// A handshake went well.
    pub(crate) fn good(&self, link: &Link, took: Option<Duration>, reason: &str) {
        if link.is_retired() {
            return;
        }
        *self.seen.lock() = Instant::now();
        if let Some(took) = took {
            link.set_latency(took);
        }
        self.turn(true, reason);
    }

    /// One failed, and the upstream is to blame.
    pub(crate) fn bad(&self, link: &Link, failure: &Failure) {
        if link.is_retired() {
            return;
        }
        link.set_last_error(failure.to_string());
        self.turn(false, &failure.detail().to_string());
        self.blamed.notify_one();
    }

    /// One failed, and nobody knows who is to blame: a check will tell.
    pub(crate) fn suspect(&self, link: &Link) {
        if !link.is_retired() && self.online() {
            self.suspected.store(true, Relaxed);
            self.wake.notify_one();
        }
    }

    /// A new upstream took over. Always a change, even from online to online.
    pub(crate) fn forwarded(&self, reason: &str) -> u64 {
        *self.seen.lock() = Instant::now();
        self.suspected.store(false, Relaxed);
        self.change(|status| {
            status.online = true;
            status.reason.replace_range(.., reason);
            true
        });
        // An offline port's probe sleeps by the old upstream's back-off.
        self.wake.notify_one();
        self.status.borrow().version
    }

    /// The port ends; only the first ending counts.
    pub(crate) fn end(&self, ending: Ending, reason: &str) {
        self.change(|status| {
            status.online = false;
            status.reason.replace_range(.., reason);
            status.ending = Some(ending);
            true
        });
    }

    fn turn(&self, online: bool, reason: &str) {
        // The common case, every good connection, takes no write lock.
        if self.status.borrow().online == online {
            return;
        }
        self.change(|status| {
            let turned = status.online != online;
            if turned {
                status.online = online;
                status.reason.replace_range(.., reason);
            }
            turned
        });
        self.wake.notify_one();
    }

    fn change(&self, change: impl FnOnce(&mut Status) -> bool) {
        self.status.send_if_modified(|status| {
            let changed = status.ending.is_none() && change(status);
            status.version += u64::from(changed);
            changed
        });
    }
}

/// Checks the port's upstream for as long as the port is there.
pub(crate) async fn watch(port: Arc<Port>) {
    let health = &port.health;
    let mut settings = port.context.settings.subscribe();
    let mut pause = FIRST_PAUSE;
    loop {
        if health.online() {
            pause = FIRST_PAUSE;
            let interval = settings.borrow_and_update().idle_check;
            let due = (!interval.is_zero()).then(|| *health.seen.lock() + interval);
            tokio::select! {
                () = until(due) => {
                    // Traffic may have moved the date meanwhile.
                    if health.seen.lock().elapsed() >= interval {
                        check(&port, "check", None).await;
                    }
                }
                () = health.wake.notified() => {
                    if health.suspected.swap(false, Relaxed) {
                        check(&port, "check", Some(SUSPECT_DEADLINE)).await;
                    }
                }
                _ = settings.changed() => {}
            }
        } else {
            let varied = pause.mul_f64(rand::rng().random_range(1.0 - JITTER..=1.0 + JITTER));
            // Real traffic may bring it back first.
            let quiet = timeout(varied, health.wake.notified()).await.is_err();
            if quiet && !health.online() {
                check(&port, "probe", None).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Checks now, whatever is known. What it finds is the port's state.
pub(crate) async fn test(port: &Port) -> bool {
    check(port, "check", None).await
}

async fn check(port: &Port, reason: &str, deadline: Option<Duration>) -> bool {
    let link = port.link();
    let settings = port.context.settings();
    let probe = port.probe();
    let begun = Instant::now();
    let checking = dial::check(&link.upstream, probe.as_ref(), &settings);
    let result = match deadline {
        Some(deadline) => timeout(deadline, checking)
            .await
            .unwrap_or(Err(Failure::Silent)),
        None => checking.await,
    };
    match result {
        Ok(()) => {
            port.health.good(&link, Some(begun.elapsed()), reason);
            true
        }
        Err(failure) => {
            port.log(|| format!("{}: {failure} ({reason})", link.upstream));
            port.health.bad(&link, &failure);
            false
        }
    }
}
