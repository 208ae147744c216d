//! A peer: a connection as engines see it, without keeping its socket open.

use std::sync::{Arc, Weak};

use super::connection::Connection;
use super::source::FrameSource;
use crate::callback::ConnectionInfo;
use crate::wire::Close;

/// A connection, as engines see it. It may be kept for as long as it is of use: where the connection has gone
/// meanwhile, what is said to it is nothing.
///
/// None of its methods may be called while a lock is held that a [`FrameSource`] takes, because a tap renders under the
/// connection's own.
#[derive(Clone)]
pub struct Peer(Arc<PeerState>);

struct PeerState {
    connection: Weak<Connection>,
    info: ConnectionInfo,
    binary: bool,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Peer").field(&self.0.info.id).finish()
    }
}

impl Peer {
    pub(crate) fn new(connection: &Arc<Connection>) -> Self {
        Self(Arc::new(PeerState {
            connection: Arc::downgrade(connection),
            info: connection.properties.info.clone(),
            binary: connection.properties.binary,
        }))
    }

    /// What tells it from all others, in whatever listener, for as long as one of its clones is kept.
    #[must_use]
    pub fn key(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// Who it is.
    #[must_use]
    pub fn info(&self) -> &ConnectionInfo {
        &self.0.info
    }

    /// Whether it takes streams as binary frames (`binary=true`).
    #[must_use]
    pub fn binary(&self) -> bool {
        self.0.binary
    }

    /// Whether it is still there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.connection().is_some()
    }

    /// Says a text to it. Who has no room for it because he asks much and takes nothing is sent away.
    pub fn say(&self, text: &str) {
        if let Some(connection) = self.connection()
            && !connection.say(text)
        {
            connection.close(Close::stalled());
        }
    }

    /// Gives it a tap, which renders from now on. Where the connection has gone the tap is dropped.
    pub fn attach(&self, tap: Box<dyn FrameSource>) {
        if let Some(connection) = self.connection() {
            connection.attach(tap);
        }
    }

    /// Says that one of its taps has something new.
    pub fn wake(&self) {
        if let Some(connection) = self.connection() {
            connection.wake_sources();
        }
    }

    pub(crate) fn connection(&self) -> Option<Arc<Connection>> {
        self.0.connection.upgrade()
    }
}
