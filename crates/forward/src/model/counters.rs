//! Byte and connection counters of a port or an upstream, updated where the bytes move.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Live counters: the code that moves bytes adds them at once, so they are right however a connection ends.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Bytes that the upstream has taken.
    up: AtomicU64,
    /// Bytes that the client has taken.
    down: AtomicU64,
}

impl Counters {
    pub(crate) fn add_up(&self, bytes: usize) {
        self.up.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn add_down(&self, bytes: usize) {
        self.down.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn up(&self) -> u64 {
        self.up.load(Relaxed)
    }

    pub(crate) fn down(&self) -> u64 {
        self.down.load(Relaxed)
    }
}

/// How many connections are open, and how many there were in all.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: AtomicU64,
    total: AtomicU64,
}

impl Connections {
    /// Counts a connection for as long as the result lives, unless `max` are open already.
    pub(crate) fn enter(self: &std::sync::Arc<Self>, max: usize) -> Option<OpenConnection> {
        if self.open.fetch_add(1, Relaxed) >= max as u64 {
            self.open.fetch_sub(1, Relaxed);
            return None;
        }
        self.total.fetch_add(1, Relaxed);
        Some(OpenConnection(std::sync::Arc::clone(self)))
    }

    /// Counts a connection, however many are open.
    pub(crate) fn count(self: &std::sync::Arc<Self>) -> OpenConnection {
        self.open.fetch_add(1, Relaxed);
        self.total.fetch_add(1, Relaxed);
        OpenConnection(std::sync::Arc::clone(self))
    }

    pub(crate) fn open(&self) -> u64 {
        self.open.load(Relaxed)
    }

    pub(crate) fn total(&self) -> u64 {
        self.total.load(Relaxed)
    }
}

/// One open connection, counted until this is dropped.
#[derive(Debug)]
pub(crate) struct OpenConnection(std::sync::Arc<Connections>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}
