//! What one connection has in flight: commands and binary input. At the limits its reader pauses.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde_json::Value;

use crate::connection::Peer;

/// The most commands of one connection in flight; then its reader pauses (PROTOCOL section 7). As many as the messages
/// that may wait for the application, and enough to keep any engine busy.
const MAX_COMMANDS: usize = 64;

/// The most bytes of binary input of one connection in flight; then its reader pauses. As much as the largest message
/// that a client may send by default.
const MAX_INPUT_BYTES: usize = 1 << 20;

/// What one connection has in flight. It outlives the connection if a reply is outstanding, so it must not keep the
/// socket open.
pub(super) struct InFlight {
    peer: Peer,
    commands: Mutex<Commands>,
    /// Binary input that an engine still uses.
    input_bytes: AtomicUsize,
}

#[derive(Default)]
struct Commands {
    count: usize,
    /// The ids of the commands, as JSON text: `1` is not `"1"`.
    ids: HashSet<String>,
}

impl InFlight {
    pub(super) fn new(peer: Peer) -> Arc<Self> {
        Arc::new(Self {
            peer,
            commands: Mutex::default(),
            input_bytes: AtomicUsize::new(0),
        })
    }

    /// Whether so much is in flight that nothing more is read.
    pub(super) fn is_full(&self) -> bool {
        self.commands.lock().count >= MAX_COMMANDS
            || self.input_bytes.load(Ordering::Acquire) >= MAX_INPUT_BYTES
    }

    /// Counts one more command. `None` if another command with the same id is in flight.
    pub(super) fn permit(self: &Arc<Self>, id: Option<&Value>) -> Option<Permit> {
        let id = id.map(Value::to_string);
        let mut commands = self.commands.lock();
        if let Some(id) = &id
            && !commands.ids.insert(id.clone())
        {
            return None;
        }
        commands.count += 1;
        Some(Permit {
            in_flight: Arc::clone(self),
            id,
        })
    }

    /// Counts more bytes of input.
    pub(super) fn add_input(&self, bytes: usize) {
        self.input_bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    /// Counts fewer bytes of input.
    pub(super) fn remove_input(&self, bytes: usize) {
        let before = self.input_bytes.fetch_sub(bytes, Ordering::AcqRel);
        if before >= MAX_INPUT_BYTES && before - bytes < MAX_INPUT_BYTES {
            self.wake_reader();
        }
    }

    /// The session may be waiting for room.
    fn wake_reader(&self) {
        if let Some(connection) = self.peer.connection() {
            connection.wake().notify_one();
        }
    }
}

/// Counts one command as in flight until it is dropped.
pub(super) struct Permit {
    in_flight: Arc<InFlight>,
    id: Option<String>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut commands = self.in_flight.commands.lock();
        let was_full = commands.count >= MAX_COMMANDS;
        commands.count -= 1;
        if let Some(id) = &self.id {
            commands.ids.remove(id);
        }
        drop(commands);
        if was_full {
            self.in_flight.wake_reader();
        }
    }
}
