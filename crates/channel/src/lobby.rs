//! The lobby: connections that are not yet answered, and who has to leave when there are too many.
//!
//! Refusing the newest would let 64 silent openers lock everybody out. Here the oldest leaves: an
//! honest head follows its connect at once, so the oldest incomplete one is hardly ever honest.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::counters::{Counters, Reason};
use crate::limits::RequestLimits;

/// The connections of one accept loop that are neither answered nor upgraded.
#[derive(Debug)]
pub(crate) struct Lobby {
    rooms: Mutex<Rooms>,
    limits: RequestLimits,
    counters: Arc<Counters>,
}

/// Each connection by its number, so that the first entry is the oldest. Dropping an entry's sender is
/// what makes its connection leave.
#[derive(Debug, Default)]
struct Rooms {
    next: u64,
    /// The request is not complete.
    receiving: BTreeMap<u64, oneshot::Sender<()>>,
    /// The request is complete, the answer is not.
    answering: BTreeMap<u64, oneshot::Sender<()>>,
}

/// A connection's place in the lobby, given up when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    lobby: Arc<Lobby>,
    number: u64,
}

impl Lobby {
    pub(crate) fn new(limits: RequestLimits, counters: Arc<Counters>) -> Arc<Self> {
        Arc::new(Self {
            rooms: Mutex::default(),
            limits,
            counters,
        })
    }

    /// Takes a new connection in, and turns the oldest incomplete one out if that is one too many. The
    /// receiver ends when it is this connection's turn to leave.
    pub(crate) fn enter(self: &Arc<Self>) -> (Seat, oneshot::Receiver<()>) {
        let (sender, leave) = oneshot::channel();
        let mut rooms = self.rooms.lock();
        let number = rooms.next;
        rooms.next += 1;
        rooms.receiving.insert(number, sender);
        if rooms.receiving.len() > self.limits.open_heads {
            self.turn_out(rooms.receiving.pop_first());
        }
        self.counters.set_open_heads(rooms.receiving.len());
        drop(rooms);
        let seat = Seat {
            lobby: Arc::clone(self),
            number,
        };
        (seat, leave)
    }

    /// Whether there are so many that the accept loop should let them speak before it takes more.
    pub(crate) fn is_busy(&self) -> bool {
        self.rooms.lock().receiving.len() > self.limits.open_heads / 2
    }

    fn turn_out(&self, oldest: Option<(u64, oneshot::Sender<()>)>) {
        drop(oldest);
        self.counters.count_refused(Reason::Crowded);
    }
}

impl Seat {
    /// The request is complete: from here on slow openers cannot push this connection out.
    pub(crate) fn received(&self) {
        let lobby = &self.lobby;
        let mut rooms = lobby.rooms.lock();
        let Some(sender) = rooms.receiving.remove(&self.number) else {
            return;
        };
        lobby.counters.set_open_heads(rooms.receiving.len());
        rooms.answering.insert(self.number, sender);
        if rooms.answering.len() > lobby.limits.unanswered {
            lobby.turn_out(rooms.answering.pop_first());
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut rooms = self.lobby.rooms.lock();
        rooms.receiving.remove(&self.number);
        rooms.answering.remove(&self.number);
        self.lobby.counters.set_open_heads(rooms.receiving.len());
    }
}
