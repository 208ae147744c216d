//! Whether a port is online, as traffic and checks show.
//!
//! All ports of an upstream share its circuit breakers; this is the view of one port. A failed connection takes only
//! its own port offline, a failed check takes all ports of the upstream offline, and any success brings all of them
//! back.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, watch};

use super::assignment::Assignment;
use super::circuit_breaker::{BreakerState, BreakerStatus, Down};
use crate::model::{Failure, Verdict};

/// The status of a port. Each change gets a new version, so that going offline and coming back between two looks is
/// still a change.
#[derive(Clone, Debug)]
pub(crate) struct PortStatus {
    pub(crate) version: u64,
    pub(crate) online: bool,
    /// Since when it is as it is, online or offline.
    pub(crate) since: SystemTime,
    /// The reason: `forwarded`, `traffic`, `probe`, `check`, or the detail of a failure.
    pub(crate) reason: String,
    /// The port has ended; nothing changes any more.
    pub(crate) ending: Option<Ending>,
    /// It is offline and the upstream is to blame.
    pub(crate) blamed: bool,
    /// How often that has happened.
    pub(crate) incidents: u64,
}

/// Why a port ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Removed on request: one `portStateUpdate`, and the port is removed from the saved data.
    Ordered,
    /// Stopped with all other ports: one `portStateUpdate`, and the port stays in the saved data.
    Stopped,
    /// Removed by the engine: `portRemoved`, and the port is removed from the saved data.
    Automatic,
}

/// A port's health.
#[derive(Debug)]
pub(crate) struct PortHealth {
    pub(crate) status: watch::Sender<PortStatus>,
    /// A connection failed, and it is unknown whether the upstream or the target is dead.
    pub(crate) suspected: AtomicBool,
    /// The upstream's connection brought an answer that cannot be passed on, or none. It lives, as far as anybody
    /// knows, and is checked without haste.
    pub(crate) doubted: AtomicBool,
    /// Wakes the task that runs the checks: the upstream is suspected or was replaced.
    pub(crate) wake: Notify,
}

impl PortHealth {
    /// Online: a port starts after a successful handshake.
    pub(crate) fn new(reason: &str) -> Self {
        Self {
            status: watch::Sender::new(PortStatus {
                version: 1,
                online: true,
                since: SystemTime::now(),
                reason: reason.to_owned(),
                ending: None,
                blamed: false,
                incidents: 0,
            }),
            suspected: AtomicBool::new(false),
            doubted: AtomicBool::new(false),
            wake: Notify::new(),
        }
    }

    /// A restored port whose upstream failed starts offline. Returns the version; the end of the request reports it.
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

    /// Whether it is online, why, and since when.
    pub(crate) fn state(&self) -> (bool, String, SystemTime) {
        let status = self.status.borrow();
        (status.online, status.reason.clone(), status.since)
    }

    /// Resolves with the number of the incident when the port is offline and its upstream is to blame. The caller
    /// passes that number as `after` (0 at first) to wait for the next incident. Failures of this machine, a port
    /// that ends and a replaced upstream are no incidents.
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

    /// Takes in the result of a client's connection. The duration of a successful handshake is the latency.
    pub(crate) fn note(&self, assignment: &Assignment, failure: Option<&Failure>, took: Duration) {
        let health = &assignment.health;
        match (health.judge(failure), failure) {
            // The upstream worked. A target's failure says nothing about the latency.
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
                    // Change the port first: a success recorded after that brings the port back as well.
                    self.turn_off(assignment, &down);
                    health.record_failure(&down);
                }
            }
            (Verdict::Dead | Verdict::Local(_), None) => {}
        }
    }

    /// A connection failed and the cause is unknown: ask for a check.
    pub(crate) fn suspect(&self, assignment: &Assignment) {
        self.ask_for_check(&self.suspected, assignment);
    }

    /// A plain request got no answer that can be passed on, and its target may be the cause: ask for a check that has
    /// the time of a handshake.
    pub(crate) fn doubt(&self, assignment: &Assignment) {
        self.ask_for_check(&self.doubted, assignment);
    }

    fn ask_for_check(&self, why: &AtomicBool, assignment: &Assignment) {
        if !assignment.is_retired() && self.online() {
            why.store(true, Relaxed);
            self.wake.notify_one();
        }
    }

    /// Another upstream took over, online or not. This is always a change, even from online to online.
    pub(crate) fn forwarded(&self, online: bool, reason: &str) -> u64 {
        self.suspected.store(false, Relaxed);
        self.doubted.store(false, Relaxed);
        self.change(|status| {
            status.online = online;
            status.blamed = false;
            status.reason.replace_range(.., reason);
            true
        });
        self.wake.notify_one();
        self.status.borrow().version
    }

    /// Ends the port; only the first ending counts.
    pub(crate) fn end(&self, ending: Ending, reason: &str) {
        self.change(|status| {
            status.online = false;
            status.blamed = false;
            status.reason.replace_range(.., reason);
            status.ending = Some(ending);
            true
        });
    }

    /// Follows the state of the circuit breaker.
    pub(crate) fn follow(&self, assignment: &Assignment, breaker: &BreakerStatus) {
        match &breaker.state {
            BreakerState::Up(reason) if !assignment.is_retired() => self.turn_on(reason),
            BreakerState::Down(down) if down.confirmed => self.turn_off(assignment, down),
            _ => {}
        }
    }

    fn turn_on(&self, reason: &str) {
        // The common case, a good connection, takes no write lock.
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
        // No new version: this may be learnt while the port is offline for another reason.
        self.status.send_if_modified(|status| {
            let news =
                down.blame.is_some() && !status.online && !status.blamed && status.ending.is_none();
            if news {
                status.blamed = true;
                status.incidents += 1;
            }
            news
        });
        // Another upstream took over during this change, which was not about it: look again.
        if assignment.is_retired() {
            self.wake.notify_one();
        }
    }

    fn change(&self, change: impl FnOnce(&mut PortStatus) -> bool) {
        self.status.send_if_modified(|status| {
            let was_online = status.online;
            let changed = status.ending.is_none() && change(status);
            status.version += u64::from(changed);
            if status.online != was_online {
                status.since = SystemTime::now();
            }
            changed
        });
    }
}

#[cfg(test)]
#[path = "status_test.rs"]
pub(crate) mod tests;
