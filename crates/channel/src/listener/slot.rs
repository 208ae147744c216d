//! The slot: where a listener's stream for SDK clients stands. Only the last active connection receives
//! (seed 000); the slot owns the position, and the active connection borrows it.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::callback::Change;
use crate::connection::{Connection, Cursor};
use crate::journal::Journal;
use crate::wire::{GapReason, message};

struct Entry {
    connection: Arc<Connection>,
    /// The number it would have got next when it was last active.
    left_at: u64,
}

#[derive(Default)]
struct SlotState {
    /// Holder and stand-bys, oldest first: the last one is active.
    entries: Vec<Entry>,
    /// Where the next taker of an empty slot begins.
    position: u64,
    /// Connections that were admitted and are not set up yet.
    expected: usize,
}

/// The state of one listener.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<SlotState>,
}

impl Slot {
    /// A connection is being admitted: its client may count on missing nothing from now on, although it
    /// takes the slot a moment later. Gives the journal's head. [`Slot::enter`] or [`Slot::cancel`] follows.
    pub(super) fn expect(&self, journal: &Journal) -> u64 {
        let mut state = self.state.lock();
        let head = journal.head();
        if state.entries.is_empty() && state.expected == 0 {
            // Nobody is waiting for what went before.
            state.position = head + 1;
        }
        state.expected += 1;
        head
    }

    /// A connection that was expected will not come.
    pub(super) fn cancel(&self) {
        self.state.lock().expected -= 1;
    }

    /// The newest connection takes the slot. `head` is what [`Slot::expect`] gave; `welcome` gets the slot's position, and gives the position where
    /// this connection begins: one that resumes may begin earlier, on its own account. `notify` is called
    /// with each change, in order.
    pub(super) fn enter(
        &self,
        journal: &Journal,
        connection: &Arc<Connection>,
        head: u64,
        welcome: impl FnOnce(u64) -> Cursor,
        mut notify: impl FnMut(&Arc<Connection>, Change),
    ) {
        let mut state = self.state.lock();
        state.expected -= 1;
        let position = match state.entries.last_mut() {
            Some(holder) => {
                // The holder finishes only the frame it has begun; what it gave back is not sent twice.
                let cursor = holder.connection.stop();
                let next = cursor
                    .as_ref()
                    .map_or_else(|| journal.head() + 1, |cursor| cursor.next);
                holder.left_at = next;
                if holder.connection.properties.style.v1 {
                    holder
                        .connection
                        .announce(&message::slot_state(false, next.saturating_sub(1)));
                }
                notify(&holder.connection, Change::Standby);
                cursor.map_or(next, |cursor| cursor.slot_position())
            }
            // Whoever held it since this one was admitted has left; what he got is not sent twice.
            None => state.position,
        };
        // What the holder lost is the holder's loss; a plain newcomer was promised nothing before it came.
        let lost = !connection.properties.style.v1 && position < journal.oldest();
        let position = if lost { head + 1 } else { position };
        state.entries.push(Entry {
            connection: Arc::clone(connection),
            left_at: position,
        });
        notify(connection, Change::Active);
        let cursor = welcome(position);
        connection.update(|writer| writer.start(cursor));
    }

    /// A connection has ended. If it was active, the newest of the others goes on where it stopped.
    pub(super) fn leave(
        &self,
        journal: &Journal,
        connection: &Arc<Connection>,
        mut notify: impl FnMut(&Arc<Connection>, Change),
    ) {
        let mut state = self.state.lock();
        let position = connection.stop().map(|cursor| cursor.slot_position());
        let is_leaving = |entry: &Entry| Arc::ptr_eq(&entry.connection, connection);
        let was_last = state.entries.last().is_some_and(is_leaving);
        state.entries.retain(|entry| !is_leaving(entry));
        if !was_last {
            return;
        }
        let position = position.unwrap_or(journal.head() + 1);
        state.position = position;
        let Some(next) = state.entries.last() else {
            return;
        };
        notify(&next.connection, Change::Active);
        let left_at = next.left_at;
        next.connection.update(|writer| {
            // A stand-by of `loopwire.v1` is notify what went to others meanwhile; a plain one has no word
            // for it, and none for having been a stand-by either.
            if next.connection.properties.style.v1 {
                writer.announce(&message::slot_state(true, position.saturating_sub(1)));
                if left_at < position {
                    writer.announce(&message::gap(left_at, position - 1, GapReason::Standby));
                }
            }
            writer.start(Cursor::new(position, position));
        });
    }

    /// Whether `connection` is the one that receives.
    pub(super) fn is_active(&self, connection: &Arc<Connection>) -> bool {
        let state = self.state.lock();
        let last = state.entries.last();
        last.is_some_and(|entry| Arc::ptr_eq(&entry.connection, connection))
    }
}
