//! Pending connections: those that are not answered yet, and which one is closed when there are too many.
//!
//! If the newest were refused, 64 silent clients could lock out all others. So the oldest incomplete one is closed: a
//! normal client sends its head directly after its connect, so the oldest incomplete request is hardly ever a normal one.
//!
//! Over TLS a normal client sends its ClientHello directly after its connect, and the rest a round trip later. So from the
//! ClientHello on it is counted apart, where only other handshakes can turn it out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use super::limits::RequestLimits;
use crate::guard::{Counters, Reason};

/// How long a connection is safe from being closed for the next one. A client needs a moment between its connect and
/// its head, above all on a machine that is being flooded. Meanwhile the others wait in the kernel's queue, and their
/// heads arrive. Short enough for a queue of a thousand to pass 64 entries in less than 100 ms.
pub(super) const GRACE: Duration = Duration::from_millis(3);

/// The connections of one accept loop that are neither answered nor upgraded.
#[derive(Debug)]
pub(super) struct PendingConnections {
    stages: Mutex<Stages>,
    /// Notified when there may be room for the next connection.
    room: Notify,
    limits: RequestLimits,
    counters: Arc<Counters>,
}

/// Each connection by its number, so that the first entry is the oldest. Dropping the sender of an entry closes its
/// connection.
#[derive(Debug, Default)]
struct Stages {
    next: u64,
    /// The request is not complete. Over TLS, not even the ClientHello is.
    receiving: BTreeMap<u64, Receiving>,
    /// The ClientHello is complete, the request is not.
    handshaking: BTreeMap<u64, oneshot::Sender<()>>,
    /// The request is complete, the response is not.
    answering: BTreeMap<u64, oneshot::Sender<()>>,
}

/// A connection whose request is not complete.
#[derive(Debug)]
struct Receiving {
    /// Whether its [`GRACE`] is over.
    grace_over: bool,
    keep: oneshot::Sender<()>,
}

/// The entry of one pending connection, removed when dropped.
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

    /// Adds a new connection, and closes the oldest incomplete one if there are too many. The receiver ends when this
    /// connection must be closed.
    pub(super) fn enter(self: &Arc<Self>) -> (Entry, oneshot::Receiver<()>) {
        let (keep, leave) = oneshot::channel();
        let mut stages = self.stages.lock();
        let number = stages.next;
        stages.next += 1;
        stages.receiving.insert(
            number,
            Receiving {
                grace_over: false,
                keep,
            },
        );
        if stages.receiving.len() > self.limits.open_heads {
            // Counted first: whoever sees its connection closed is counted already.
            self.counters.count_refused(Reason::Crowded);
            drop(stages.receiving.pop_first());
        }
        self.counters.set_open_heads(stages.incomplete());
        drop(stages);
        let entry = Entry {
            pending: Arc::clone(self),
            number,
        };
        (entry, leave)
    }

    /// Waits until the next connection may be added: there is room, or the oldest one can be closed.
    pub(super) async fn room(&self) {
        while !self.has_room() {
            self.room.notified().await;
        }
    }

    fn has_room(&self) -> bool {
        let stages = self.stages.lock();
        stages.receiving.len() < self.limits.open_heads || stages.oldest_may_leave()
    }

    /// Closes the oldest incomplete connection, since there is no descriptor for the next one. One that has sent nothing
    /// leaves before one that has begun a handshake.
    pub(super) fn make_room(&self) {
        let mut stages = self.stages.lock();
        let leaves = if stages.receiving.is_empty() {
            !stages.handshaking.is_empty()
        } else {
            stages.oldest_may_leave()
        };
        if !leaves {
            return;
        }
        self.counters.count_refused(Reason::Crowded);
        if stages.receiving.pop_first().is_none() {
            stages.handshaking.pop_first();
        }
        self.counters.set_open_heads(stages.incomplete());
    }
}

impl Stages {
    fn incomplete(&self) -> usize {
        self.receiving.len() + self.handshaking.len()
    }

    fn oldest_may_leave(&self) -> bool {
        let oldest = self.receiving.first_key_value();
        oldest.is_none_or(|(_, oldest)| oldest.grace_over)
    }
}

impl Entry {
    /// The [`GRACE`] of the connection is over. Its own task calls this after it has polled its socket again: a timer
    /// elsewhere would expire while the task is not scheduled although its head has arrived.
    pub(super) fn grace_over(&self) {
        if let Some(receiving) = self.pending.stages.lock().receiving.get_mut(&self.number) {
            receiving.grace_over = true;
        }
        self.pending.room.notify_one();
    }

    /// The ClientHello is complete: from here on silent connections do not turn it out.
    pub(super) fn greeted(&self) {
        let pending = &self.pending;
        let mut stages = pending.stages.lock();
        let Some(receiving) = stages.receiving.remove(&self.number) else {
            return;
        };
        stages.handshaking.insert(self.number, receiving.keep);
        if stages.handshaking.len() > pending.limits.handshakes {
            pending.counters.count_refused(Reason::Crowded);
            drop(stages.handshaking.pop_first());
        }
        pending.counters.set_open_heads(stages.incomplete());
        drop(stages);
        pending.room.notify_one();
    }

    /// The request is complete: from here on the connection is not closed because of slow clients.
    pub(super) fn received(&self) {
        let pending = &self.pending;
        let mut stages = pending.stages.lock();
        let receiving = stages.receiving.remove(&self.number);
        let keep = match receiving {
            Some(receiving) => receiving.keep,
            None => match stages.handshaking.remove(&self.number) {
                Some(keep) => keep,
                None => return,
            },
        };
        pending.counters.set_open_heads(stages.incomplete());
        stages.answering.insert(self.number, keep);
        if stages.answering.len() > pending.limits.unanswered {
            pending.counters.count_refused(Reason::Crowded);
            drop(stages.answering.pop_first());
        }
        drop(stages);
        pending.room.notify_one();
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut stages = self.pending.stages.lock();
        stages.receiving.remove(&self.number);
        stages.handshaking.remove(&self.number);
        stages.answering.remove(&self.number);
        self.pending.counters.set_open_heads(stages.incomplete());
        drop(stages);
        self.pending.room.notify_one();
    }
}
