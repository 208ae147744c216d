//! Whether a port is online: what traffic and checks teach about its upstream.
//!
//! What is known of the upstream is shared by all its ports (`breaker`); here is what one port makes of it. Its
//! own failed connection takes a port offline at once, a failed check takes all ports of the upstream there,
//! and whatever goes well brings all of them back.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::assignment::Assignment;
use super::circuit_breaker::{BreakerState, BreakerStatus, Down};
use crate::model::{Failure, Verdict};

/// What is known of a port. Every change has a version of its own, so that going offline and coming back
/// between two looks is still a change.
#[derive(Clone, Debug)]
pub(crate) struct PortStatus {
    pub(crate) version: u64,
    pub(crate) online: bool,
    /// Why it is so: `forwarded`, `traffic`, `probe`, `check`, or a failure's detail.
    pub(crate) reason: String,
    /// The port is at its end; nothing changes any more.
    pub(crate) ending: Option<Ending>,
    /// It is offline and the upstream is to blame.
    pub(crate) blamed: bool,
    /// How many times that came to be.
    pub(crate) incidents: u64,
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
pub(crate) struct PortHealth {
    pub(crate) status: watch::Sender<PortStatus>,
    /// Traffic could not tell whether the upstream or the target is dead.
    pub(crate) suspected: AtomicBool,
    /// Wakes the watching task: a suspicion, or another upstream.
    pub(crate) wake: Notify,
}

impl PortHealth {
    /// Online: a port begins after a good handshake.
    pub(crate) fn new(reason: &str) -> Self {
        Self {
            status: watch::Sender::new(PortStatus {
                version: 1,
                online: true,
                reason: reason.to_owned(),
                ending: None,
                blamed: false,
                incidents: 0,
            }),
            suspected: AtomicBool::new(false),
            wake: Notify::new(),
        }
    }

    /// A restored port that begins with an upstream that failed. Gives the version, which the request's end
    /// tells of.
    pub(crate) fn begin_offline(&self) -> u64 {
        self.status.send_modify(|status| status.online = false);
        self.status.borrow().version
    }

    pub(crate) fn watch(&self) -> watch::Receiver<PortStatus> {
        self.status.subscribe()
    }

    pub(crate) fn online(&self) -> bool {
        self.status.borrow().online
    }

    /// Resolves when the port is offline and its upstream is to blame, with the number of that turn; the caller
    /// hands it back in `after` (at first 0) to be told of the next one only. What this machine is to blame for, a
    /// port that ends and an upstream that was replaced are no such turns.
    pub(crate) async fn incident_after(&self, after: u64) -> u64 {
        let mut status = self.status.subscribe();
        let turned = |status: &PortStatus| status.blamed && status.incidents > after;
        let incident = status.wait_for(turned).await.map(|status| status.incidents);
        match incident {
            Ok(incident) => incident,
            // The sender lives in `self`.
            Err(_) => std::future::pending().await,
        }
    }

    /// What a connection of real traffic taught. How long a handshake took that went well is its latency.
    pub(crate) fn note(&self, assignment: &Assignment, failure: Option<&Failure>, took: Duration) {
        let health = &assignment.health;
        match (health.judge(failure), failure) {
            // The upstream did its part. How long the target took to fail says nothing about it.
            (Verdict::Healthy, _) => {
                health.record_success();
                if failure.is_none() {
                    assignment.set_latency(took);
                }
                if !assignment.is_retired() {
                    self.turn_on("traffic");
                }
            }
            (Verdict::Suspect, _) => self.suspect(assignment),
            (verdict, Some(failure)) => {
                if let Some(down) = Down::of(verdict, failure) {
                    // The port first: whoever brings the upstream back after that, brings this port back.
                    self.turn_off(assignment, &down);
                    health.record_failure(&down);
                }
            }
            (Verdict::Dead | Verdict::Local(_), None) => {}
        }
    }

    /// A connection failed, and nobody knows who is to blame: a check will tell.
    pub(crate) fn suspect(&self, assignment: &Assignment) {
        if !assignment.is_retired() && self.online() {
            self.suspected.store(true, Relaxed);
            self.wake.notify_one();
        }
    }

    /// A new upstream took over. Always a change, even from online to online.
    pub(crate) fn forwarded(&self, reason: &str) -> u64 {
        self.suspected.store(false, Relaxed);
        self.change(|status| {
            status.online = true;
            status.blamed = false;
            status.reason.replace_range(.., reason);
            true
        });
        self.wake.notify_one();
        self.status.borrow().version
    }

    /// The port ends; only the first ending counts.
    pub(crate) fn end(&self, ending: Ending, reason: &str) {
        self.change(|status| {
            status.online = false;
            status.blamed = false;
            status.reason.replace_range(.., reason);
            status.ending = Some(ending);
            true
        });
    }

    /// Does as the upstream stands.
    pub(crate) fn follow(&self, assignment: &Assignment, breaker: &BreakerStatus) {
        match &breaker.state {
            BreakerState::Up(reason) if !assignment.is_retired() => self.turn_on(reason),
            BreakerState::Down(down) if down.confirmed => self.turn_off(assignment, down),
            _ => {}
        }
    }

    fn turn_on(&self, reason: &str) {
        // The common case, every good connection, takes no write lock.
        if self.online() {
            return;
        }
        self.change(|status| {
            let turned = !status.online;
            if turned {
                status.online = true;
                status.blamed = false;
                status.reason.replace_range(.., reason);
            }
            turned
        });
    }

    fn turn_off(&self, assignment: &Assignment, down: &Down) {
        if assignment.is_retired() {
            return;
        }
        if let Some(error) = &down.blame {
            assignment.set_last_error(error.clone());
        }
        self.change(|status| {
            let turned = status.online;
            if turned {
                status.online = false;
                status.reason.replace_range(.., &down.reason);
            }
            turned
        });
        // Not a change of its own: it may be learnt while the port is offline for another reason.
        self.status.send_if_modified(|status| {
            let news =
                down.blame.is_some() && !status.online && !status.blamed && status.ending.is_none();
            if news {
                status.blamed = true;
                status.incidents += 1;
            }
            news
        });
        // Another upstream took over in the middle of this: what was just done was not about that one.
        if assignment.is_retired() {
            self.wake.notify_one();
        }
    }

    fn change(&self, change: impl FnOnce(&mut PortStatus) -> bool) {
        self.status.send_if_modified(|status| {
            let changed = status.ending.is_none() && change(status);
            status.version += u64::from(changed);
            changed
        });
    }
}

#[cfg(test)]
#[path = "status_test.rs"]
pub(crate) mod tests;
