//! The registry: which connections a listener has, and how many it may have.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::Connection;

/// A listener's connections, oldest first.
#[derive(Debug)]
pub(super) struct Registry {
    permits: Arc<Semaphore>,
    open: Mutex<BTreeMap<u64, Arc<Connection>>>,
    last: AtomicU64,
    /// How many of them take the events of the seed's forms at all; shown in `/metrics`.
    total: AtomicUsize,
}

/// A connection's number and its place; given back when dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    pub(super) number: u64,
    _permit: OwnedSemaphorePermit,
}

impl Reservation {
    /// The name that clients and the application know.
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

    /// A place for one more connection, or nothing at the limit.
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

    pub(super) fn find(&self, id: &str) -> Option<Arc<Connection>> {
        let number: u64 = id.strip_prefix("conn-")?.parse().ok()?;
        let connection = self.open.lock().get(&number).cloned()?;
        (connection.id() == id).then_some(connection)
    }

    /// All of them at this moment: whoever talks to them does so without the registry's lock.
    pub(super) fn all(&self) -> Vec<Arc<Connection>> {
        self.open.lock().values().cloned().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.open.lock().len()
    }

    /// How many there have been.
    pub(super) fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }
}
