//! The lobby: connections that are not yet answered, and who has to leave when there are too many.
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

/// How long a connection keeps its seat before the next one may push it out. A client needs a moment
/// between its connect and its head, above all on a machine that is being flooded; while the seats are
/// that young the kernel's queue holds the others, and their heads arrive meanwhile. Short enough for
/// a queue of a thousand to pass 64 seats in less than 100 ms.
pub(super) const GRACE: Duration = Duration::from_millis(3);

/// The connections of one accept loop that are neither answered nor upgraded.
#[derive(Debug)]
pub(super) struct Lobby {
    rooms: Mutex<Rooms>,
    /// Rung when there may be room for the next connection.
    room: Notify,
    limits: RequestLimits,
    counters: Arc<Counters>,
}

/// Each connection by its number, so that the first entry is the oldest. Dropping an entry's sender is
/// what makes its connection leave.
#[derive(Debug, Default)]
struct Rooms {
    next: u64,
    /// The request is not complete.
    receiving: BTreeMap<u64, Guest>,
    /// The request is complete, the answer is not.
    answering: BTreeMap<u64, oneshot::Sender<()>>,
}

/// A connection whose request is not complete.
#[derive(Debug)]
struct Guest {
    /// Whether it has had its [`GRACE`].
    settled: bool,
    stay: oneshot::Sender<()>,
}

/// A connection's place in the lobby, given up when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    lobby: Arc<Lobby>,
    number: u64,
}

impl Lobby {
    pub(super) fn new(limits: RequestLimits, counters: Arc<Counters>) -> Arc<Self> {
        Arc::new(Self {
            rooms: Mutex::default(),
            room: Notify::new(),
            limits,
            counters,
        })
    }

    /// Takes a new connection in, and turns the oldest incomplete one out if that is one too many. The
    /// receiver ends when it is this connection's turn to leave.
    pub(super) fn enter(self: &Arc<Self>) -> (Seat, oneshot::Receiver<()>) {
        let (stay, leave) = oneshot::channel();
        let mut rooms = self.rooms.lock();
        let number = rooms.next;
        rooms.next += 1;
        rooms.receiving.insert(
            number,
            Guest {
                settled: false,
                stay,
            },
        );
        if rooms.receiving.len() > self.limits.open_heads {
            drop(rooms.receiving.pop_first());
            self.counters.count_refused(Reason::Crowded);
        }
        self.counters.set_open_heads(rooms.receiving.len());
        drop(rooms);
        let seat = Seat {
            lobby: Arc::clone(self),
            number,
        };
        (seat, leave)
    }

    /// Waits until the next connection may come in: there is a seat, or the oldest can be turned out.
    pub(super) async fn room(&self) {
        while !self.has_room() {
            self.room.notified().await;
        }
    }

    fn has_room(&self) -> bool {
        let rooms = self.rooms.lock();
        let settled = |(_, oldest): (_, &Guest)| oldest.settled;
        rooms.receiving.len() < self.limits.open_heads
            || rooms.receiving.first_key_value().is_none_or(settled)
    }
}

impl Seat {
    /// The connection has had its [`GRACE`]. Its own task says so, after another look at its socket: a
    /// clock elsewhere would go on while this task, with a head already in the kernel, gets no turn.
    pub(super) fn settled(&self) {
        if let Some(guest) = self.lobby.rooms.lock().receiving.get_mut(&self.number) {
            guest.settled = true;
        }
        self.lobby.room.notify_one();
    }

    /// The request is complete: from here on slow openers cannot push this connection out.
    pub(super) fn received(&self) {
        let lobby = &self.lobby;
        let mut rooms = lobby.rooms.lock();
        let Some(guest) = rooms.receiving.remove(&self.number) else {
            return;
        };
        lobby.counters.set_open_heads(rooms.receiving.len());
        rooms.answering.insert(self.number, guest.stay);
        if rooms.answering.len() > lobby.limits.unanswered {
            drop(rooms.answering.pop_first());
            lobby.counters.count_refused(Reason::Crowded);
        }
        drop(rooms);
        lobby.room.notify_one();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut rooms = self.lobby.rooms.lock();
        rooms.receiving.remove(&self.number);
        rooms.answering.remove(&self.number);
        self.lobby.counters.set_open_heads(rooms.receiving.len());
        drop(rooms);
        self.lobby.room.notify_one();
    }
}
