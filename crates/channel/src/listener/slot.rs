//! The slot: where a listener's stream for SDK clients stands. Only the last active connection receives
//! (seed 000); the slot owns the place, and the active connection borrows it.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::callback::Change;
use crate::connection::{Connection, Feed};
use crate::journal::Journal;
use crate::wire::{GapReason, message};

struct Seat {
    connection: Arc<Connection>,
    /// The number it would have got next when it was last active.
    left_at: u64,
}

#[derive(Default)]
struct Seats {
    /// Holder and stand-bys, oldest first: the last one is active.
    taken: Vec<Seat>,
    /// Where the next taker of an empty slot begins.
    place: u64,
    /// Connections that were admitted and are not set up yet.
    coming: usize,
}

/// The seats of one listener.
#[derive(Default)]
pub(super) struct Slot {
    seats: Mutex<Seats>,
}

impl Slot {
    /// A connection is being admitted: its client may count on missing nothing from now on, although it
    /// takes the slot a moment later. Gives the journal's head. [`Slot::enter`] or [`Slot::miss`] follows.
    pub(super) fn expect(&self, journal: &Journal) -> u64 {
        let mut seats = self.seats.lock();
        let head = journal.head();
        if seats.taken.is_empty() && seats.coming == 0 {
            // Nobody is waiting for what went before.
            seats.place = head + 1;
        }
        seats.coming += 1;
        head
    }

    /// A connection that was expected will not come.
    pub(super) fn miss(&self) {
        self.seats.lock().coming -= 1;
    }

    /// The newest connection takes the slot. `head` is what [`Slot::expect`] gave; `welcome` gets the slot's place, and gives the place where
    /// this connection begins: one that resumes may begin earlier, on its own account. `told` is called
    /// with each change, in order.
    pub(super) fn enter(
        &self,
        journal: &Journal,
        connection: &Arc<Connection>,
        head: u64,
        welcome: impl FnOnce(u64) -> Feed,
        mut told: impl FnMut(&Arc<Connection>, Change),
    ) {
        let mut seats = self.seats.lock();
        seats.coming -= 1;
        let place = match seats.taken.last_mut() {
            Some(holder) => {
                // The holder finishes only the frame it has begun; what it gave back is not sent twice.
                let feed = holder.connection.stop();
                let next = feed
                    .as_ref()
                    .map_or_else(|| journal.head() + 1, |feed| feed.next);
                holder.left_at = next;
                if holder.connection.traits.style.v1 {
                    holder
                        .connection
                        .announce(&message::place(false, next.saturating_sub(1)));
                }
                told(&holder.connection, Change::Standby);
                feed.map_or(next, |feed| feed.slot_place())
            }
            // Whoever held it since this one was admitted has left; what he got is not sent twice.
            None => seats.place,
        };
        // What the holder lost is the holder's loss; a plain newcomer was promised nothing before it came.
        let lost = !connection.traits.style.v1 && place < journal.oldest();
        let place = if lost { head + 1 } else { place };
        seats.taken.push(Seat {
            connection: Arc::clone(connection),
            left_at: place,
        });
        told(connection, Change::Active);
        let feed = welcome(place);
        connection.change(|writer| writer.start(feed));
    }

    /// A connection has ended. If it was active, the newest of the others goes on where it stopped.
    pub(super) fn leave(
        &self,
        journal: &Journal,
        connection: &Arc<Connection>,
        mut told: impl FnMut(&Arc<Connection>, Change),
    ) {
        let mut seats = self.seats.lock();
        let place = connection.stop().map(|feed| feed.slot_place());
        let is_leaving = |seat: &Seat| Arc::ptr_eq(&seat.connection, connection);
        let was_last = seats.taken.last().is_some_and(is_leaving);
        seats.taken.retain(|seat| !is_leaving(seat));
        if !was_last {
            return;
        }
        let place = place.unwrap_or(journal.head() + 1);
        seats.place = place;
        let Some(next) = seats.taken.last() else {
            return;
        };
        told(&next.connection, Change::Active);
        let left_at = next.left_at;
        next.connection.change(|writer| {
            // A stand-by of `loopwire.v1` is told what went to others meanwhile; a plain one has no word
            // for it, and none for having been a stand-by either.
            if next.connection.traits.style.v1 {
                writer.announce(&message::place(true, place.saturating_sub(1)));
                if left_at < place {
                    writer.announce(&message::gap(left_at, place - 1, GapReason::Standby));
                }
            }
            writer.start(Feed::new(place, place));
        });
    }

    /// Whether `connection` is the one that receives.
    pub(super) fn is_active(&self, connection: &Arc<Connection>) -> bool {
        let seats = self.seats.lock();
        let last = seats.taken.last();
        last.is_some_and(|seat| Arc::ptr_eq(&seat.connection, connection))
    }
}
