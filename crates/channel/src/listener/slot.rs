//! The slot: the position of a listener's stream for SDK clients. Only the last active connection receives events. The
//! slot owns the position, and the active connection borrows it.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::callback::Change;
use crate::connection::{Connection, Cursor};
use crate::journal::Journal;
use crate::wire::{GapReason, message};

struct Entry {
    connection: Arc<Connection>,
    /// The number of its next event when it was last active.
    left_at: u64,
}

#[derive(Default)]
struct SlotState {
    /// The connections, oldest first. The last one is active, the others are on standby.
    entries: Vec<Entry>,
    /// Where the next connection begins if the slot is empty.
    position: u64,
    /// How many connections were admitted and are not set up yet.
    expected: usize,
}

/// The slot of one listener.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<SlotState>,
}

impl Slot {
    /// A connection is being admitted: its client must miss nothing from now on, although the connection takes the slot a
    /// moment later. Returns the journal's head. [`Slot::enter`] or [`Slot::cancel`] must follow.
    pub(super) fn expect(&self, journal: &Journal) -> u64 {
        let mut state = self.state.lock();
        let head = journal.head();
        if state.entries.is_empty() && state.expected == 0 {
            // No connection needs the events before.
            state.position = head + 1;
        }
        state.expected += 1;
        head
    }

    /// An expected connection has failed.
    pub(super) fn cancel(&self) {
        self.state.lock().expected -= 1;
    }

    /// The newest connection takes the slot. `head` is what [`Slot::expect`] returned. `start` gets the position of the
    /// slot and returns the cursor of this connection, which begins earlier if the connection resumes. `notify` is called
    /// with each change, in order.
    pub(super) fn enter(
        &self,
        journal: &Journal,
        connection: &Arc<Connection>,
        head: u64,
        start: impl FnOnce(u64) -> Cursor,
        mut notify: impl FnMut(&Arc<Connection>, Change),
    ) {
        let mut state = self.state.lock();
        state.expected -= 1;
        let position = match state.entries.last_mut() {
            Some(holder) => {
                // The holder completes only the frame that it has begun. No event is sent twice.
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
            // A connection that held the slot meanwhile has ended. Its events are not sent twice.
            None => state.position,
        };
        // The holder has lost these events. A plain new connection does not need events from before its admission.
        let lost = !connection.properties.style.v1 && position < journal.oldest();
        let position = if lost { head + 1 } else { position };
        state.entries.push(Entry {
            connection: Arc::clone(connection),
            left_at: position,
        });
        notify(connection, Change::Active);
        let cursor = start(position);
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
            // A `loopwire.v1` connection is told which events went to others meanwhile. Plain connections have no
            // message for that.
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
