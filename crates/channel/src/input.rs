//! Input: a binary message of a client, on its way to the engine whose stream it belongs to.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

use crate::desk::Desk;

/// A binary message. It counts against what its connection may have under way until it is dropped: then its
/// reader goes on.
pub struct Input {
    data: Bytes,
    desk: Arc<Desk>,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without its bytes: they may be a password that somebody types.
        f.debug_struct("Input")
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

impl Input {
    pub(crate) fn new(desk: &Arc<Desk>, data: Bytes) -> Self {
        desk.count_input(data.len(), 0);
        Self {
            data,
            desk: Arc::clone(desk),
        }
    }

    pub(crate) fn into_data(self) -> Bytes {
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
        self.desk.count_input(0, self.data.len());
    }
}
