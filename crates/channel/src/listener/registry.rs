//! The registry: the connections of a listener, and their limit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::Connection;

/// The connections of a listener, oldest first.
#[derive(Debug)]
pub(super) struct Registry {
    permits: Arc<Semaphore>,
    open: Mutex<BTreeMap<u64, Arc<Connection>>>,
    last: AtomicU64,
    /// How many connections have been opened; shown in `/metrics`.
    total: AtomicUsize,
}

/// The number of a connection and its permit, which is released when it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    pub(super) number: u64,
    _permit: OwnedSemaphorePermit,
}

impl Reservation {
    /// The id for clients and the application.
    pub(super) fn id(&self) -> String {
        format!("conn-{}", self.number)
    }
}

impl Registry {
    pub(super) fn new(max: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(max)),
            open: Mutex::default(),
            last: AtomicU64::new(0),
            total: AtomicUsize::new(0),
        }
    }

    /// A reservation for one more connection, or nothing at the limit.
    pub(super) fn reserve(&self) -> Option<Reservation> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        Some(Reservation {
            number,
            _permit: permit,
        })
    }

    pub(super) fn insert(&self, reservation: &Reservation, connection: &Arc<Connection>) {
        self.total.fetch_add(1, Ordering::Relaxed);
        self.open
            .lock()
            .insert(reservation.number, Arc::clone(connection));
    }

    pub(super) fn remove(&self, reservation: &Reservation) {
        self.open.lock().remove(&reservation.number);
    }

    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut *self.open.lock());
        drop(all);
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<Connection>> {
        let number: u64 = id.strip_prefix("conn-")?.parse().ok()?;
        let connection = self.open.lock().get(&number).cloned()?;
        (connection.id() == id).then_some(connection)
    }

    /// All connections at this moment: the caller uses them without the registry's lock.
    pub(super) fn all(&self) -> Vec<Arc<Connection>> {
        self.open.lock().values().cloned().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.open.lock().len()
    }

    /// How many connections have been opened.
    pub(super) fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }
}
