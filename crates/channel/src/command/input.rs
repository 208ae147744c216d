//! Input: a binary message of a client for the stream of an engine.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::in_flight::InFlight;

/// What a message costs besides its bytes: its allocation, and its place in a queue.
const OVERHEAD_BYTES: usize = 128;

fn cost(data: &Bytes) -> usize {
    data.len() + OVERHEAD_BYTES
}

/// A binary message. It counts as in flight until it is dropped.
pub struct Input {
    data: Bytes,
    in_flight: Arc<InFlight>,
    refused: bool,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without its bytes: they may be a password that a user types.
        f.debug_struct("Input")
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

impl Input {
    pub(super) fn new(in_flight: &Arc<InFlight>, data: Bytes) -> Self {
        in_flight.add_input(cost(&data));
        Self {
            data,
            in_flight: Arc::clone(in_flight),
            refused: false,
        }
    }

    /// Since when the connection has waited long enough for input that is not taken, if it has. Whatever waited then has
    /// to be held by its engine, or refused, instead of holding back everything that the client sends.
    #[must_use]
    pub fn overdue_since(&self) -> Option<Instant> {
        self.in_flight.overdue_since()
    }

    /// Whether so much waits that an engine refuses what it cannot pass on at once.
    #[must_use]
    pub fn is_beyond(&self) -> bool {
        self.in_flight.is_beyond()
    }

    /// Drops input that is not passed on to anything.
    pub fn refuse(mut self) {
        self.refused = true;
    }

    /// The message, which no longer counts as in flight: the engine bounds it.
    #[must_use]
    pub fn take(self) -> Bytes {
        self.data.clone()
    }

    pub(super) fn into_data(mut self) -> Bytes {
        self.refused = true;
        self.data.clone()
    }
}

impl Deref for Input {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.data
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.in_flight.remove_input(cost(&self.data), !self.refused);
    }
}
