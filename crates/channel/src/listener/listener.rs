//! A listener: one bound port with its token, its connections and, usually, its callback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::options::ListenerOptions;
use super::registry::Registry;
use super::silent_mode::SilentMode;
use super::slot::Slot;
use crate::callback::{Callback, Change, ConnectionInfo, InboxItem};
use crate::command::{Engine, TaskScope};
use crate::connection::Connection;
use crate::fault;
use crate::guard::{Counters, Observer, Token, TokenCell};
use crate::journal::{Bounds, Journal};
use crate::reliable::Clients;
use crate::server::ListeningSocket;
use crate::silence::MutableKinds;
use crate::tls::Identity;
use crate::wire::Close;

/// How long `close()` waits for connections to close; then they are dropped.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// How many refused origins are remembered: each causes one warning, and an attacker cannot fill the memory.
const MAX_WARNED_ORIGINS: usize = 32;

/// Why a message could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection with this id is open.
    #[error("there is no such connection")]
    Unknown,
    /// Too much waits for it, or it is closing.
    #[error("the connection accepts no more")]
    Full,
}

/// A connection at one moment, for `connections()`.
#[derive(Clone, Debug)]
pub struct ConnectionState {
    /// Describes the connection.
    pub info: ConnectionInfo,
    /// When it was accepted.
    pub opened: SystemTime,
    /// When the last ping was sent; before the first ping, when it was accepted.
    pub last_ping: SystemTime,
    /// Whether it receives events.
    pub active: bool,
    /// Whether changes of files are muted for it: by itself, or by the silent mode of the listener.
    pub silent: bool,
    /// Its place in the slot; nothing if it needs none to receive events.
    pub slot: Option<SlotPlace>,
    /// What the journal holds of the events that the connection has not come to; nothing if it receives none.
    pub behind: Option<Bounds>,
}

/// The place of a connection in the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotPlace {
    /// It holds the slot, and receives.
    Active,
    /// A newer connection holds the slot.
    Standby,
}

impl SlotPlace {
    /// The name in `GET /ws/connections`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Standby => "standby",
        }
    }
}

/// One `startEventListener` or `startCommunicate` call.
pub struct Listener {
    pub(super) journal: Arc<Journal>,
    pub(super) token: Arc<TokenCell>,
    pub(super) address: SocketAddr,
    pub(super) options: ListenerOptions,
    pub(super) callback: Option<Arc<Callback>>,
    pub(super) engines: Arc<[Arc<dyn Engine>]>,
    pub(super) task_scope: Arc<TaskScope>,
    pub(super) slot: Slot,
    pub(super) registry: Registry,
    /// The clients that number their messages.
    pub(super) clients: Arc<Clients>,
    pub(super) silence: SilentMode,
    pub(super) mutable: Arc<MutableKinds>,
    pub(super) counters: Arc<Counters>,
    pub(super) warned: Mutex<Vec<String>>,
    pub(super) socket: ListeningSocket,
    /// Stops accepting.
    pub(super) stop: CancellationToken,
    /// The accept loop, every connection, and the commands that are answered later.
    pub(super) tasks: TaskTracker,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Listener {
    pub(super) fn notice(&self, connection: &Connection, change: Change) {
        let Some(callback) = self
            .callback
            .as_ref()
            .filter(|_| self.options.takes_notices)
        else {
            return;
        };
        callback
            .inbox()
            .notice(connection.properties.info.clone(), change);
        callback.wake();
    }

    /// The bound address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its TLS identity; nothing for plain TCP.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.options.tls.as_ref()
    }

    /// The journal that its sinks read.
    #[must_use]
    pub const fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// The counters of the guard and the accept loop.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn engines(&self) -> &[Arc<dyn Engine>] {
        &self.engines
    }

    /// How many connections are open.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.registry.len()
    }

    /// How many connections have been opened.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.registry.total() as u64
    }

    /// The open connections, oldest first; none that is closing already.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionState> {
        let all_silent = self.silence.is_on();
        let state = |connection: Arc<Connection>| {
            let slot =
                connection
                    .properties
                    .slotted
                    .then(|| match self.slot.is_active(&connection) {
                        true => SlotPlace::Active,
                        false => SlotPlace::Standby,
                    });
            ConnectionState {
                active: slot != Some(SlotPlace::Standby),
                silent: all_silent || connection.properties.silent,
                slot,
                behind: connection.next().map(|next| self.journal.held_from(next)),
                opened: connection.properties.opened,
                last_ping: connection.last_ping(),
                info: connection.properties.info.clone(),
            }
        };
        let all = self.registry.all().into_iter();
        all.filter(|connection| connection.is_open())
            .map(state)
            .collect()
    }

    /// Sends a message of the application to one connection.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn send(&self, id: &str, body: &[u8], binary: bool) -> Result<(), SendError> {
        let connection = self.registry.find(id).ok_or(SendError::Unknown)?;
        if connection.send(body, binary) {
            Ok(())
        } else {
            Err(SendError::Full)
        }
    }

    /// Closes one connection (4001). False if no connection has this id, or it is closing already.
    pub fn disconnect(&self, id: &str) -> bool {
        let connection = self.registry.find(id);
        connection.is_some_and(|connection| connection.close_if_open(Close::disconnected()))
    }

    /// Closes all connections. Returns how many were not closing already.
    pub(super) fn disconnect_all(&self, close: &Close) -> usize {
        let all = self.registry.all();
        let closed = |connection: &&Arc<Connection>| connection.close_if_open(close.clone());
        all.iter().filter(closed).count()
    }

    pub(super) fn is_token(&self, text: &str) -> bool {
        self.token.admit(text.as_bytes()).is_some()
    }

    /// The token, for the URL that the application gets.
    #[must_use]
    pub fn token(&self) -> Token {
        self.token.token()
    }

    /// Replaces the token. The old one is refused from now on, and its connections are closed (4003).
    pub fn rotate_token(&self, next: Token) {
        self.token.rotate(next);
        for connection in self.registry.all() {
            if !self.token.is_current(connection.properties.token_epoch) {
                connection.close(Close::token_rotated());
            }
        }
    }

    /// Whether `close` was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Whether it is closed, and all its connections have ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.is_closed() && self.tasks.is_closed() && self.tasks.is_empty()
    }

    /// Drops the connections that are left, with their sockets: the threads that would end them are gone.
    pub fn abandon(&self) {
        self.registry.clear();
    }

    /// Drops the callback's cursor: nothing is drained any more, and no publisher waits for it.
    pub fn drop_callback(&self) {
        if let Some(callback) = &self.callback {
            callback.close();
        }
    }

    /// Stops what can be stopped at once: first the callback's cursor is dropped, which wakes publishers that wait for
    /// it; then no connection is accepted any more, and the port is free. [`Listener::close`] does the rest.
    pub fn stop(&self) {
        self.drop_callback();
        self.stop.cancel();
        self.socket.close();
    }

    /// Stops, then closes all connections (1001). Returns when all have ended. Idempotent.
    pub async fn close(&self) {
        self.stop();
        self.disconnect_all(&Close::going_away());
        self.tasks.close();
        if tokio::time::timeout(CLOSE_DEADLINE, self.tasks.wait())
            .await
            .is_err()
        {
            for connection in self.registry.all() {
                connection.abandon();
            }
            self.tasks.wait().await;
        }
    }
}

impl Observer for Listener {
    fn refused_origin(&self, origin: &str, option: Option<&'static str>) {
        let mut warned = self.warned.lock();
        if warned.len() >= MAX_WARNED_ORIGINS || warned.iter().any(|known| known == origin) {
            return;
        }
        warned.push(origin.to_owned());
        drop(warned);
        tracing::warn!(
            origin,
            option,
            "a web page was refused; if it is yours, the option admits it"
        );
        let Some(callback) = &self.callback else {
            return;
        };
        callback.inbox().tell(InboxItem::RefusedOrigin {
            origin: origin.to_owned(),
            option,
        });
        callback.wake();
    }

    fn panicked(&self, component: &'static str, message: &str) {
        fault::report(&self.journal, component, "ERR_PANIC", message);
    }
}
