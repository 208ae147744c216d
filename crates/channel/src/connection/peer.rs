//! A peer: a reference to a connection for engines. It does not keep the socket open.

use std::sync::{Arc, Weak};

use serde::Serialize;
use serde_json::Value;

use super::connection::Connection;
use super::render::EventFilter;
use super::source::FrameSource;
use crate::callback::ConnectionInfo;
use crate::event::{Topic, Topics};
use crate::wire::{Close, message};

/// A reference to a connection for engines. It may be kept as long as needed: if the connection has ended, messages to
/// it are dropped.
///
/// No method may be called while a lock is held that a [`FrameSource`] or an [`EventFilter`] takes, because both run under
/// the lock of their connection.
#[derive(Clone)]
pub struct Peer(Arc<PeerState>);

struct PeerState {
    connection: Weak<Connection>,
    info: ConnectionInfo,
    binary: bool,
    topics: Topics,
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
            topics: connection.properties.style.topics,
        }))
    }

    /// Identifies the connection among all listeners, as long as one of its clones is kept.
    #[must_use]
    pub fn key(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// Describes the connection.
    #[must_use]
    pub fn info(&self) -> &ConnectionInfo {
        &self.0.info
    }

    /// Whether it gets streams as binary frames (`binary=true`).
    #[must_use]
    pub fn binary(&self) -> bool {
        self.0.binary
    }

    /// Whether it gets the events of that topic. Where an event answers a command, a connection without the topic needs a
    /// reply instead.
    #[must_use]
    pub fn sees(&self, topic: Topic) -> bool {
        self.0.topics.admits(topic)
    }

    /// Whether the connection is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.connection().is_some()
    }

    /// Whether its reader pauses, so that what the client has sent may lie unread.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        self.connection()
            .is_some_and(|connection| connection.is_held_back())
    }

    /// Sends a text message to it. If too much waits because the client does not read, the connection is closed.
    pub fn say(&self, text: &str) {
        if let Some(connection) = self.connection()
            && !connection.say(text)
        {
            connection.close(Close::stalled());
        }
    }

    /// Sends a message of this kind to it, as a reply has it. `data` must be an object without a key `id`.
    pub fn tell(&self, kind: &str, data: &impl Serialize, id: Option<&Value>) {
        if let Ok(text) = message::reply(kind, data, id) {
            self.say(&text);
        }
    }

    /// Answers that something was not carried out that had no [`crate::Reply`]: binary input.
    pub fn refuse(&self, code: &str, sentence: &str, id: Option<&Value>, command: &str) {
        self.say(&message::error(code, sentence, id, Some(command)));
    }

    /// Adds a frame source, which renders from now on. If the connection has ended, the source is dropped.
    pub fn attach(&self, source: Box<dyn FrameSource>) {
        if let Some(connection) = self.connection() {
            connection.attach(source);
        }
    }

    /// Sets the filter of the events of these topics, in the place of those that they had, or removes it. It takes effect
    /// for every event that is rendered from now on; a frame that has been begun is finished. The connection gets the
    /// events of these topics while they have a filter, also if its form does not see them by itself.
    pub fn set_filter(&self, topics: &[Topic], filter: Option<Arc<dyn EventFilter>>) {
        if let Some(connection) = self.connection() {
            connection.update(|writer| writer.set_filter(Topics::only(topics), filter));
        }
    }

    /// Tells the connection that one of its frame sources has something new.
    pub fn wake(&self) {
        if let Some(connection) = self.connection() {
            connection.wake_sources();
        }
    }

    pub(crate) fn connection(&self) -> Option<Arc<Connection>> {
        self.0.connection.upgrade()
    }
}
