//! The limits on transfers: of all clients, and of one connection.

use std::collections::HashMap;
use std::sync::Arc;

use loopwire_channel::{CommandError, Peer};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::closed;

/// The largest number of transfers of clients at a time, and of the application's own. Each holds up to half a megabyte
/// of a file, a descriptor, and a thread while it waits for the disk.
const MAX_TRANSFERS: usize = 64;

/// The share of one connection: half, so that a client whose transfers do not move on never stops those of the others. Few
/// clients open so many files at once.
const MAX_TRANSFERS_OF_ONE: usize = MAX_TRANSFERS / 2;

/// The transfers under way.
pub(super) struct Transfers {
    clients: Arc<Semaphore>,
    /// How many transfers each connection has, by its key.
    shares: Arc<Mutex<HashMap<usize, usize>>>,
    /// The application's own, so that clients that pause do not make it wait.
    own: Arc<Semaphore>,
}

/// The permit of one transfer of a client, until it is dropped.
pub(crate) struct Permit {
    // Before the share: what is free for one connection is free for all.
    _permit: OwnedSemaphorePermit,
    _share: Share,
}

/// One transfer in the share of a connection. It keeps the peer, because the key is the connection's only that long.
struct Share {
    shares: Arc<Mutex<HashMap<usize, usize>>>,
    peer: Peer,
}

impl Transfers {
    pub(super) fn new() -> Self {
        Self {
            clients: Arc::new(Semaphore::new(MAX_TRANSFERS)),
            shares: Arc::default(),
            own: Arc::new(Semaphore::new(MAX_TRANSFERS)),
        }
    }

    /// A permit for one more transfer of this connection.
    pub(super) fn admit(&self, peer: &Peer) -> Result<Permit, CommandError> {
        let share = Share::take(&self.shares, peer).ok_or_else(|| {
            let message = format!(
                "this connection reads and writes {MAX_TRANSFERS_OF_ONE} files already; try again when one is done"
            );
            CommandError::new("TOO_MANY_TRANSFERS", message)
        })?;
        let permit = Arc::clone(&self.clients).try_acquire_owned().map_err(|_| {
            let message = "too many files are being read and written; try again when one is done";
            CommandError::new("TOO_MANY_TRANSFERS", message)
        })?;
        Ok(Permit {
            _permit: permit,
            _share: share,
        })
    }

    /// Waits for a permit of the application's own.
    pub(super) async fn own(&self) -> Result<OwnedSemaphorePermit, CommandError> {
        let permit = Arc::clone(&self.own).acquire_owned().await;
        permit.map_err(|_| closed())
    }

    /// How many are under way.
    pub(super) fn count(&self) -> usize {
        let free = self.clients.available_permits() + self.own.available_permits();
        2 * MAX_TRANSFERS - free
    }
}

impl Share {
    fn take(shares: &Arc<Mutex<HashMap<usize, usize>>>, peer: &Peer) -> Option<Self> {
        let mut counts = shares.lock();
        let count = counts.entry(peer.key()).or_default();
        if *count >= MAX_TRANSFERS_OF_ONE {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Self {
            shares: Arc::clone(shares),
            peer: peer.clone(),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = self.shares.lock();
        if let Some(count) = counts.get_mut(&self.peer.key()) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.peer.key());
            }
        }
    }
}
