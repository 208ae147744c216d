//! The pending: connections that are not yet answered, and who has to leave when there are too many.
//!
//! Refusing the newest would let 64 silent openers lock everybody out. Here the oldest leaves: an
//! honest head follows its connect at once, so the oldest incomplete one is hardly ever honest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use super::limits::RequestLimits;
use crate::guard::{Counters, Reason};

/// How long a connection keeps its entry before the next one may push it out. A client needs a moment
/// between its connect and its head, above all on a machine that is being flooded; while the seats are
/// that young the kernel's queue holds the others, and their heads arrive meanwhile. Short enough for
/// a queue of a thousand to pass 64 seats in less than 100 ms.
pub(super) const GRACE: Duration = Duration::from_millis(3);

/// The connections of one accept loop that are neither answered nor upgraded.
#[derive(Debug)]
pub(super) struct PendingConnections {
    stages: Mutex<Stages>,
    /// Rung when there may be room for the next connection.
    room: Notify,
    limits: RequestLimits,
    counters: Arc<Counters>,
}

/// Each connection by its number, so that the first entry is the oldest. Dropping an entry's sender is
/// what makes its connection leave.
#[derive(Debug, Default)]
struct Stages {
    next: u64,
    /// The request is not complete.
    receiving: BTreeMap<u64, Receiving>,
    /// The request is complete, the answer is not.
    answering: BTreeMap<u64, oneshot::Sender<()>>,
}

/// A connection whose request is not complete.
#[derive(Debug)]
struct Receiving {
    /// Whether it has had its [`GRACE`].
    grace_over: bool,
    _keep: oneshot::Sender<()>,
}

/// A connection's place in the pending, given up when dropped.
#[derive(Debug)]
pub(super) struct Entry {
    pending: Arc<PendingConnections>,
    number: u64,
}

impl PendingConnections {
    pub(super) fn new(limits: RequestLimits, counters: Arc<Counters>) -> Arc<Self> {
        Arc::new(Self {
            stages: Mutex::default(),
            room: Notify::new(),
            limits,
            counters,
        })
    }

    /// Takes a new connection in, and turns the oldest incomplete one out if that is one too many. The
    /// receiver ends when it is this connection's turn to leave.
    pub(super) fn enter(self: &Arc<Self>) -> (Entry, oneshot::Receiver<()>) {
        let (_keep, leave) = oneshot::channel();
        let mut stages = self.stages.lock();
        let number = stages.next;
        stages.next += 1;
        stages.receiving.insert(
            number,
            Receiving {
                grace_over: false,
                _keep,
            },
        );
        if stages.receiving.len() > self.limits.open_heads {
            drop(stages.receiving.pop_first());
            self.counters.count_refused(Reason::Crowded);
        }
        self.counters.set_open_heads(stages.receiving.len());
        drop(stages);
        let entry = Entry {
            pending: Arc::clone(self),
            number,
        };
        (entry, leave)
    }

    /// Waits until the next connection may come in: there is a entry, or the oldest can be turned out.
    pub(super) async fn room(&self) {
        while !self.has_room() {
            self.room.notified().await;
        }
    }

    fn has_room(&self) -> bool {
        let stages = self.stages.lock();
        let grace_over = |(_, oldest): (_, &Receiving)| oldest.grace_over;
        stages.receiving.len() < self.limits.open_heads
            || stages.receiving.first_key_value().is_none_or(grace_over)
    }
}

impl Entry {
    /// The connection has had its [`GRACE`]. Its own task says so, after another look at its socket: a
    /// clock elsewhere would go on while this task, with a head already in the kernel, gets no turn.
    pub(super) fn grace_over(&self) {
        if let Some(receiving) = self.pending.stages.lock().receiving.get_mut(&self.number) {
            receiving.grace_over = true;
        }
        self.pending.room.notify_one();
    }

    /// The request is complete: from here on slow openers cannot push this connection out.
    pub(super) fn received(&self) {
        let pending = &self.pending;
        let mut stages = pending.stages.lock();
        let Some(receiving) = stages.receiving.remove(&self.number) else {
            return;
        };
        pending.counters.set_open_heads(stages.receiving.len());
        stages.answering.insert(self.number, receiving._keep);
        if stages.answering.len() > pending.limits.unanswered {
            drop(stages.answering.pop_first());
            pending.counters.count_refused(Reason::Crowded);
        }
        drop(stages);
        pending.room.notify_one();
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut stages = self.pending.stages.lock();
        stages.receiving.remove(&self.number);
        stages.answering.remove(&self.number);
        self.pending.counters.set_open_heads(stages.receiving.len());
        drop(stages);
        self.pending.room.notify_one();
    }
}
