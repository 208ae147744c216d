//! Bytes and connections of a port or of an upstream, counted where they move.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts that are live: whoever moves a byte adds it at once, so they add up however a connection ends.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Bytes handed to the upstream.
    up: AtomicU64,
    /// Bytes handed to the client.
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

/// How many connections there are and have been.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: AtomicU64,
    total: AtomicU64,
}

impl Connections {
    /// Counts one in for as long as the ticket lives, unless `max` are open already.
    pub(crate) fn enter(self: &std::sync::Arc<Self>, max: usize) -> Option<OpenConnection> {
        if self.open.fetch_add(1, Relaxed) >= max as u64 {
            self.open.fetch_sub(1, Relaxed);
            return None;
        }
        self.total.fetch_add(1, Relaxed);
        Some(OpenConnection(std::sync::Arc::clone(self)))
    }

    /// Counts one in, however many there are.
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

/// One open connection. Its drop counts it out, on every path there is.
#[derive(Debug)]
pub(crate) struct OpenConnection(std::sync::Arc<Connections>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}
