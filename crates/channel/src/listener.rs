//! A listener: one bound port with its token, its connections and, usually, its callback.

mod reception;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accept;
use crate::callback::Callback;
use crate::close::Close;
use crate::connection::Connection;
use crate::counters::Counters;
use crate::engine::Engine;
use crate::fault;
use crate::host::{HostError, Hosts};
use crate::inbox::{Change, ConnectionInfo, Letter};
use crate::journal::Journal;
use crate::limits::RequestLimits;
use crate::office::Office;
use crate::options::ListenerOptions;
use crate::policy::{Observer, Policy};
use crate::registry::Registry;
use crate::routes;
use crate::silence::Silence;
use crate::slot::Slot;
use crate::tls::Identity;
use crate::token::{Token, TokenCell};

/// How long `close()` waits for connections to take their close frame; then they are dropped.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// Refused origins that are remembered, so that each is warned about once and strangers cannot make us
/// remember any number of them.
const MAX_WARNED_ORIGINS: usize = 32;

/// Why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// An entry of `allowedHosts` is no host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The socket could not be handed to the runtime.
    #[error(transparent)]
    Socket(#[from] io::Error),
}

/// Why a message could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection of that id is open.
    #[error("no such connection")]
    Unknown,
    /// Too much waits for it, or it is closing.
    #[error("the connection takes no more")]
    Full,
}

/// A connection at one moment, for `connections()`.
#[derive(Clone, Debug)]
pub struct ConnectionState {
    /// Who it is.
    pub info: ConnectionInfo,
    /// When it was accepted.
    pub opened: SystemTime,
    /// When it was last asked whether it is there; when it was accepted, before that.
    pub last_ping: SystemTime,
    /// Whether it receives events.
    pub active: bool,
    /// Whether it asked for no file notifications.
    pub silent: bool,
}

/// One `startEventListener` or `startCommunicate` call.
pub struct Listener {
    journal: Arc<Journal>,
    token: Arc<TokenCell>,
    address: SocketAddr,
    options: ListenerOptions,
    callback: Option<Arc<Callback>>,
    office: Arc<Office>,
    slot: Slot,
    registry: Registry,
    silence: Silence,
    counters: Arc<Counters>,
    warned: Mutex<Vec<String>>,
    /// Stops accepting.
    stop: CancellationToken,
    /// The accept loop, every connection, and the commands that are answered later.
    tasks: TaskTracker,
    handle: Handle,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Listener {
    /// Starts accepting on a bound socket.
    ///
    /// # Errors
    /// [`OpenError`]; then nothing was started.
    pub fn open(
        handle: &Handle,
        socket: TcpListener,
        journal: &Arc<Journal>,
        token: Token,
        callback: Option<Arc<Callback>>,
        engines: Vec<Arc<dyn Engine>>,
        options: ListenerOptions,
    ) -> Result<Arc<Self>, OpenError> {
        let address = socket.local_addr()?;
        let hosts = hosts(address, &options)?;
        let token = Arc::new(TokenCell::new(token));
        let policy = Policy::channel(hosts, options.origins.clone(), Arc::clone(&token));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let office = Office {
            engines,
            journal: Arc::clone(journal),
            handle: handle.clone(),
            tasks: tasks.clone(),
            stop: stop.clone(),
        };
        let listener = Arc::new(Self {
            journal: Arc::clone(journal),
            token,
            address,
            callback,
            office: Arc::new(office),
            slot: Slot::default(),
            registry: Registry::new(options.max_connections),
            options,
            silence: Silence::default(),
            counters: Arc::clone(&policy.counters),
            warned: Mutex::default(),
            stop,
            tasks,
            handle: handle.clone(),
        });
        let observer: Arc<dyn Observer> = Arc::clone(&listener) as _;
        let policy = Arc::new(policy.with_observer(observer));
        listener
            .tasks
            .spawn_on(Arc::clone(&listener).accept(socket, policy), handle);
        Ok(listener)
    }

    /// Accepts until stopped; a loop that panics is started again on the same socket.
    async fn accept(self: Arc<Self>, socket: TcpListener, policy: Arc<Policy>) {
        let app = routes::router(Arc::clone(&self));
        while !self.stop.is_cancelled() {
            let copy = socket
                .try_clone()
                .and_then(tokio::net::TcpListener::from_std);
            let copy = match copy {
                Ok(copy) => copy,
                Err(error) => {
                    fault::report(&self.journal, "accept", "ERR_ACCEPT", &error.to_string());
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let serve = accept::serve_over(
                self.options.tls.as_ref().map(Identity::acceptor),
                copy,
                app.clone(),
                Arc::clone(&policy),
                RequestLimits::default(),
                self.stop.clone(),
            );
            let serve = async {
                fault::injection_point("accept");
                serve.await;
            };
            let _ = fault::supervise(&self.journal, "accept", serve).await;
        }
    }

    fn notice(&self, connection: &Connection, change: Change) {
        let Some(callback) = self
            .callback
            .as_ref()
            .filter(|_| self.options.takes_notices)
        else {
            return;
        };
        callback
            .inbox()
            .notice(connection.traits.info.clone(), change);
        callback.ring();
    }

    /// The bound address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who it is over TLS; nothing where it is bare TCP.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.options.tls.as_ref()
    }

    /// The journal that its sinks read.
    #[must_use]
    pub const fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// What the guard and the accept loop have counted.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) fn engines(&self) -> &[Arc<dyn Engine>] {
        &self.office.engines
    }

    /// How many connections are open.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.registry.len()
    }

    /// How many connections there have been.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.registry.total() as u64
    }

    /// The open connections, oldest first.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionState> {
        let state = |connection: Arc<Connection>| ConnectionState {
            active: !connection.traits.slotted || self.slot.is_active(&connection),
            silent: connection.traits.silent,
            opened: connection.traits.opened,
            last_ping: connection.last_ping(),
            info: connection.traits.info.clone(),
        };
        self.registry.all().into_iter().map(state).collect()
    }

    /// Sends a message of the application's to one connection.
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

    /// Closes one connection (4001). False if there is none of that id.
    pub fn disconnect(&self, id: &str) -> bool {
        let connection = self.registry.find(id);
        connection
            .inspect(|connection| connection.close(Close::disconnected()))
            .is_some()
    }

    pub(crate) fn disconnect_all(&self, close: &Close) -> usize {
        let all = self.registry.all();
        all.iter()
            .for_each(|connection| connection.close(close.clone()));
        all.len()
    }

    pub(crate) fn is_token(&self, text: &str) -> bool {
        self.token.admit(text.as_bytes()).is_some()
    }

    /// The token, for the URL that the application asks for.
    #[must_use]
    pub fn token(&self) -> Token {
        self.token.token()
    }

    /// Refuses the old token from now on and closes the connections it admitted (4003).
    pub fn rotate_token(&self, next: Token) {
        self.token.rotate(next);
        for connection in self.registry.all() {
            if !self.token.is_current(connection.traits.token_epoch) {
                connection.close(Close::token_rotated());
            }
        }
    }

    pub(crate) fn set_silent(&self, silent: bool, now: Instant) {
        self.silence.set(silent, now);
    }

    /// Whether `file:changed` is muted on this listener's connections.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silence.holds(Instant::now())
    }

    /// Whether `close` was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Drops the callback's cursor: nothing is drained any more, and nothing waits for it.
    pub fn drop_callback(&self) {
        if let Some(callback) = &self.callback {
            callback.close();
        }
    }

    /// Stops at once what can be stopped at once: the callback's cursor is dropped first, which lets go
    /// whoever waits for it; then nothing is accepted any more. [`Listener::close`] does the rest.
    pub fn stop(&self) {
        self.drop_callback();
        self.stop.cancel();
    }

    /// Stops for good; then connections hear 1001. Returns when all are gone. Idempotent.
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
        let Some(callback) = &self.callback else {
            return;
        };
        let mut warned = self.warned.lock();
        if warned.len() >= MAX_WARNED_ORIGINS || warned.iter().any(|known| known == origin) {
            return;
        }
        warned.push(origin.to_owned());
        drop(warned);
        callback.inbox().tell(Letter::RefusedOrigin {
            origin: origin.to_owned(),
            option,
        });
        callback.ring();
    }

    fn panicked(&self, component: &'static str, message: &str) {
        fault::report(&self.journal, component, "ERR_PANIC", message);
    }
}

fn hosts(address: SocketAddr, options: &ListenerOptions) -> Result<Hosts, OpenError> {
    let mut hosts = Hosts::loopback(address.port(), options.tls.is_some());
    if address.ip().is_unspecified() {
        // A wildcard is no name to be called by; the interfaces' addresses are.
        for interface in if_addrs::get_if_addrs()? {
            hosts = hosts.with_address(interface.ip());
        }
    } else {
        hosts = hosts.with_address(address.ip());
    }
    if let Some(identity) = &options.tls {
        hosts = identity.admit_to(hosts);
    }
    for entry in &options.allowed_hosts {
        hosts = hosts.with_entry(entry)?;
    }
    Ok(hosts)
}
