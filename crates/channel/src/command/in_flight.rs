//! What one connection has in flight: commands and binary input. At the limits its reader pauses.
//!
//! A paused reader holds back everything that the client sends. So nothing may count here that waits for more from the
//! same client: it would wait for itself.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::Value;

use crate::connection::Peer;

/// The most commands of one connection in flight; then its reader pauses (PROTOCOL section 7). As many as the messages
/// that may wait for the application, and enough to keep any engine busy.
const MAX_COMMANDS: usize = 64;

/// The most bytes of the data of these commands; then its reader pauses, too. A single command may be larger.
const MAX_COMMAND_BYTES: usize = 2 << 20;

/// The most bytes of binary input of one connection in flight; then its reader pauses. As much as the largest message
/// that a client may send by default.
const MAX_INPUT_BYTES: usize = 1 << 20;

/// How long the reader pauses for an engine that takes no input. A command that reads later gets all of its input; one
/// that waits for something else of the same client (a signal, another command's input) does not block the connection
/// for ever. Shorter than any client waits for a pong.
const INPUT_PATIENCE: Duration = Duration::from_secs(2);

/// The most bytes of binary input in flight after that; then the engines refuse what is not taken at once.
const MAX_OVERDUE_BYTES: usize = 4 << 20;

/// The most bytes of binary input in flight at all; then its reader pauses in any case. Only files still take input when
/// engines refuse it, and they wait for the disk alone.
const MAX_UNREFUSED_BYTES: usize = 2 * MAX_OVERDUE_BYTES;

/// What one connection has in flight. It outlives the connection if a reply is outstanding, so it must not keep the
/// socket open.
pub(super) struct InFlight {
    peer: Peer,
    commands: Mutex<Commands>,
    /// Binary input that an engine still uses.
    input_bytes: AtomicUsize,
    /// When input was last taken, or first waited.
    taken: Mutex<Instant>,
    /// Since when the engines have taken nothing for [`INPUT_PATIENCE`], if they have not.
    overdue: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Commands {
    count: usize,
    /// The bytes of their data.
    bytes: usize,
    /// The ids of the commands, as JSON text: `1` is not `"1"`.
    ids: HashSet<String>,
}

impl Commands {
    const fn is_full(&self) -> bool {
        self.count >= MAX_COMMANDS || self.bytes >= MAX_COMMAND_BYTES
    }
}

impl InFlight {
    pub(super) fn new(peer: Peer) -> Arc<Self> {
        Arc::new(Self {
            peer,
            commands: Mutex::default(),
            input_bytes: AtomicUsize::new(0),
            taken: Mutex::new(Instant::now()),
            overdue: Mutex::default(),
        })
    }

    /// Whether so much is in flight that nothing more is read.
    pub(super) fn is_full(&self) -> bool {
        self.commands.lock().is_full()
            || self.waits_for_input()
            || self.input_bytes.load(Ordering::Acquire) >= MAX_UNREFUSED_BYTES
    }

    fn waits_for_input(&self) -> bool {
        self.input_bytes.load(Ordering::Acquire) >= MAX_INPUT_BYTES && !self.is_overdue()
    }

    /// Until when the reader waits for the engines to take input, if it does.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        self.waits_for_input()
            .then(|| *self.taken.lock() + INPUT_PATIENCE)
    }

    /// The reader waits no longer if the time is over.
    pub(super) fn wait_no_longer(&self, now: Instant) {
        if self.waits_until().is_some_and(|until| until <= now) {
            *self.overdue.lock() = Some(now);
        }
    }

    /// Whether the reader goes on although too much input is in flight.
    fn is_overdue(&self) -> bool {
        self.overdue_since().is_some()
    }

    /// Since when it does.
    pub(super) fn overdue_since(&self) -> Option<Instant> {
        *self.overdue.lock()
    }

    /// Whether no further input may wait.
    pub(super) fn is_beyond(&self) -> bool {
        self.is_overdue() && self.input_bytes.load(Ordering::Acquire) >= MAX_OVERDUE_BYTES
    }

    /// Counts one more command with so many bytes of data. `None` if another command with the same id is in flight.
    pub(super) fn permit(self: &Arc<Self>, id: Option<&Value>, bytes: usize) -> Option<Permit> {
        let id = id.map(Value::to_string);
        let mut commands = self.commands.lock();
        if let Some(id) = &id
            && !commands.ids.insert(id.clone())
        {
            return None;
        }
        commands.count += 1;
        commands.bytes += bytes;
        Some(Permit {
            in_flight: Arc::clone(self),
            id,
            bytes,
            counted: AtomicBool::new(true),
        })
    }

    fn remove_command(&self, bytes: usize) {
        let mut commands = self.commands.lock();
        let was_full = commands.is_full();
        commands.count -= 1;
        commands.bytes -= bytes;
        drop(commands);
        if was_full {
            self.wake_reader();
        }
    }

    /// Counts more bytes of input.
    pub(super) fn add_input(&self, bytes: usize) {
        if self.input_bytes.fetch_add(bytes, Ordering::AcqRel) == 0 {
            *self.taken.lock() = Instant::now();
        }
    }

    /// Counts fewer bytes of input. `taken`: an engine has passed them on, rather than refused them.
    pub(super) fn remove_input(&self, bytes: usize, taken: bool) {
        let before = self.input_bytes.fetch_sub(bytes, Ordering::AcqRel);
        if taken {
            *self.taken.lock() = Instant::now();
            *self.overdue.lock() = None;
        }
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

/// Keeps the id of one command until it is dropped, and counts the command as in flight.
pub(super) struct Permit {
    in_flight: Arc<InFlight>,
    id: Option<String>,
    bytes: usize,
    counted: AtomicBool,
}

impl Permit {
    /// Counts the command no longer. Its id stays in use.
    pub(super) fn release_reader(&self) {
        if self.counted.swap(false, Ordering::AcqRel) {
            self.in_flight.remove_command(self.bytes);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(id) = &self.id {
            self.in_flight.commands.lock().ids.remove(id);
        }
        self.release_reader();
    }
}
