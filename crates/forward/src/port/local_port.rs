//! One local port: its upstream, its status, and the tasks that live as long as it does.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use loopwire_channel::ListeningSocket;
use parking_lot::{Mutex, RwLock};
use tokio::net::TcpSocket;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::context::Context;
use super::local_auth::Accept;
use super::rules::{DRAIN, OnRotate, Rules};
use super::{reporter, supervise};
use crate::dial::OwnPort;
use crate::health::{Assignment, Ending, Meter, PortHealth, Route};
use crate::model::{Connections, Counters, Target};
use crate::upstream::{Credentials, Settings};

/// How many connections the kernel queues before we accept them: enough for a browser's burst.
const BACKLOG: u32 = 1024;

/// A forwarded port.
pub(crate) struct Port {
    pub(crate) number: u16,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Closed with the port, before anything else of it ends.
    pub(crate) socket: ListeningSocket,
    pub(crate) context: Arc<Context>,
    /// What others know of it: where it leads. Taken when it closes.
    own: Mutex<Option<OwnPort>>,
    /// The upstream that serves the port. Swapped as a whole: a connection sees either the old or the new one.
    assignment: RwLock<Arc<Assignment>>,
    /// The port's own rules.
    rules: RwLock<Arc<Rules>>,
    pub(crate) health: PortHealth,
    /// Bytes over the port's life, over all its upstreams.
    pub(crate) counters: Arc<Counters>,
    pub(crate) connections: Arc<Connections>,
    /// Notified when another upstream takes over: the port's clock looks again.
    changed: Notify,
    /// The version of the status that was published last.
    published: watch::Sender<u64>,
    /// Ends the listener and all connections.
    pub(crate) cancel: CancellationToken,
    /// All tasks of the port; empty when the port is gone.
    pub(crate) tasks: TaskTracker,
}

/// A local address that is bound but not listening yet.
pub(crate) struct Reserved(TcpSocket);

/// The status in which a port starts with an upstream.
pub(crate) enum Start {
    /// Online after a successful handshake, with this reason.
    Online(&'static str),
    /// Offline, with this reason: a restored port, or an edited entry, whose upstream failed. It is kept and recovers by
    /// itself.
    Offline(String),
}

/// Binds the address. Clients cannot connect before [`Port::open`].
pub(crate) fn reserve(address: SocketAddr) -> io::Result<Reserved> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // With it macOS binds a port of one address beside the same user's port of all addresses. On Windows it would let two
    // programs share a port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // On Linux what is accepted has it, too.
    #[cfg(target_os = "linux")]
    socket.set_nodelay(true)?;
    // As elsewhere, `[::]` takes clients of IPv4, too. Without IPv4 Windows refuses this.
    #[cfg(windows)]
    if address.is_ipv6() {
        let _ = socket2::SockRef::from(&socket).set_only_v6(false);
    }
    socket.bind(address)?;
    Ok(Reserved(socket))
}

impl Reserved {
    /// Whether it is a loopback address.
    pub(crate) fn is_loopback(&self) -> bool {
        let address = self.0.local_addr();
        address.is_ok_and(|address| address.ip().is_loopback())
    }
}

impl Port {
    /// Starts listening. The caller spawns the port's tasks.
    pub(crate) fn open(
        context: Arc<Context>,
        number: u16,
        reserved: Reserved,
        assignment: Arc<Assignment>,
        rules: Rules,
        start: Start,
    ) -> io::Result<Arc<Self>> {
        // Windows silently takes 200 for every number above, unless it is negative (SOMAXCONN_HINT). A socket that listens
        // keeps its queue.
        #[cfg(windows)]
        socket2::SockRef::from(&reserved.0).listen(-(BACKLOG as i32))?;
        let listener = reserved.0.listen(BACKLOG)?;
        let health = PortHealth::new(match &start {
            Start::Online(reason) => reason,
            Start::Offline(reason) => reason,
        });
        // The end of the request reports a port that starts offline.
        let mut told = 0;
        if let Start::Offline(_) = start {
            told = health.begin_offline();
        }
        let address = listener.local_addr()?;
        Ok(Arc::new(Self {
            number,
            address,
            own: Mutex::new(Some(OwnPort::new(address, &assignment.upstream))),
            socket: listener.into(),
            context,
            assignment: RwLock::new(assignment),
            rules: RwLock::new(Arc::new(rules)),
            health,
            counters: Arc::default(),
            connections: Arc::default(),
            changed: Notify::new(),
            published: watch::Sender::new(told),
            cancel: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// The upstream in service.
    pub(crate) fn assignment(&self) -> Arc<Assignment> {
        Arc::clone(&self.assignment.read())
    }

    /// Assigns another upstream to the port. The port's rules say what happens to open connections; a renewed
    /// upstream is the same one, and its connections are kept.
    pub(crate) fn swap(&self, assignment: Arc<Assignment>, start: &Start) -> u64 {
        if let Some(own) = &*self.own.lock() {
            own.lead_to(&assignment.upstream);
        }
        let old = std::mem::replace(&mut *self.assignment.write(), assignment);
        old.retire();
        let same = old.upstream.is_equivalent(&self.assignment().upstream);
        match self.rules().on_rotate {
            _ if same => {}
            OnRotate::Keep => {}
            OnRotate::Break => old.cancel.cancel(),
            OnRotate::Drain => {
                let drained = async move {
                    tokio::time::sleep(DRAIN).await;
                    old.cancel.cancel();
                };
                let cancel = self.cancel.clone();
                let draining = async move {
                    let _ = cancel.run_until_cancelled(drained).await;
                };
                self.tasks.spawn_on(draining.boxed(), &self.context.handle);
            }
        }
        self.changed.notify_one();
        match start {
            Start::Online(reason) => self.health.forwarded(true, reason),
            Start::Offline(reason) => self.health.forwarded(false, reason),
        }
    }

    /// Resolves when another upstream has taken over.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The port's own rules.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read())
    }

    pub(crate) fn set_rules(&self, rules: Rules) {
        *self.rules.write() = Arc::new(rules);
    }

    /// Which protocols the port accepts.
    pub(crate) fn accept(&self) -> Accept {
        self.rules.read().accept
    }

    /// The credentials that a client must send; `None` if none are required.
    pub(crate) fn credentials(&self) -> Option<Arc<Credentials>> {
        let own = self
            .rules
            .read()
            .auth
            .as_ref()
            .map(|auth| Arc::clone(&auth.0));
        own.or_else(|| self.context.local_auth.credentials())
    }

    /// The target that a check asks an HTTP upstream to connect to.
    pub(crate) fn probe(&self) -> Option<Target> {
        let own = self.rules.read().probe.clone();
        own.or_else(|| self.settings().probe.clone())
    }

    /// Whether a failed upstream is replaced.
    pub(crate) fn rotates_on_error(&self) -> bool {
        let own = self.rules.read().rotate_on_error;
        own.unwrap_or_else(|| self.settings().rotate_on_error)
    }

    /// The route of a new connection or request.
    pub(crate) fn route(&self) -> Route {
        let assignment = self.assignment();
        let meter = Meter {
            port: Arc::clone(&self.counters),
            assignment: Arc::clone(&assignment),
        };
        Route { assignment, meter }
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.context.settings()
    }

    pub(crate) fn log(&self, message: impl FnOnce() -> String) {
        self.context
            .log(|| format!("{}: {}", self.number, message()));
    }

    /// Resolves when that version or a later one has been published.
    pub(crate) async fn reported(&self, version: u64) {
        let mut published = self.published.subscribe();
        tokio::select! {
            _ = published.wait_for(|done| *done >= version) => {}
            () = self.context.abandon.cancelled() => {}
        }
    }

    /// Ends the port. Returns at once, and its number is free then; `tasks` is empty when all is over.
    pub(crate) fn close(&self, ending: Ending, reason: &str) {
        self.socket.close();
        self.health.end(ending, reason);
        self.own.lock().take();
        self.assignment().retire();
        self.cancel.cancel();
        self.tasks.close();
    }

    /// Runs a component until the port is closed; after a panic it is restarted.
    pub(crate) fn spawn<F>(
        self: Arc<Self>,
        component: &'static str,
        begin: impl Fn(Arc<Self>) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let port = Arc::clone(&self);
        let run = async move {
            let component = format!("forward:{}:{component}", port.number);
            let kept = supervise::keep(&port.context, &component, || {
                // Boxed, so that the enclosing future does not hold it twice.
                begin(Arc::clone(&port)).boxed()
            });
            port.cancel.run_until_cancelled(kept).await;
        };
        self.tasks.spawn_on(run.boxed(), &self.context.handle);
    }

    /// The reporter outlives the port: its last event is the port's end.
    pub(crate) fn spawn_reporter(self: Arc<Self>) {
        let port = Arc::clone(&self);
        let run = async move {
            let component = format!("forward:{}:reporter", port.number);
            let reporting = supervise::keep(&port.context, &component, || async {
                let mut status = port.health.watch();
                reporter::report(port.number, &mut status, &port.published, |event| {
                    let journal = Arc::clone(&port.context.journal);
                    async move { journal.publish(&event).await.is_ok() }
                })
                .await;
            });
            port.context.abandon.run_until_cancelled(reporting).await;
        };
        self.tasks.spawn_on(run.boxed(), &self.context.handle);
    }
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_port_accepts_sends_small_pieces_at_once() {
        let reserved = reserve(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = reserved.0.listen(BACKLOG).unwrap();
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(listener.accept().await.unwrap().0.nodelay().unwrap());
    }
}
