//! One local port: its listener, its upstream, its state, and the tasks that live as long as it does.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::context::Context;
use super::local_auth::Accept;
use super::rules::{DRAIN, OnRotate, Rules};
use super::{reporter, supervise};
use crate::health::{Assignment, Ending, Meter, PortHealth, Route};
use crate::model::{Connections, Counters, Target};
use crate::upstream::{Credentials, Settings};

/// Connections the kernel holds for us until we accept them: a browser's burst.
const BACKLOG: u32 = 1024;

/// A forwarded port. Changing it touches no other port.
pub(crate) struct Port {
    pub(crate) number: u16,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    pub(crate) context: Arc<Context>,
    /// The upstream in service. Swapped whole: a connection sees one or the other.
    assignment: RwLock<Arc<Assignment>>,
    /// What this port does differently from the others.
    rules: RwLock<Arc<Rules>>,
    pub(crate) health: PortHealth,
    /// Bytes over the port's life, whatever upstreams it had.
    pub(crate) counters: Arc<Counters>,
    pub(crate) connections: Arc<Connections>,
    /// Rung when another upstream took over: the port's clock looks again.
    changed: Notify,
    /// The state version that has been published last.
    published: watch::Sender<u64>,
    /// Ends the listener and every connection.
    pub(crate) cancel: CancellationToken,
    /// All the port's tasks; empty when nothing of it is left.
    pub(crate) tasks: TaskTracker,
}

/// A local address that is reserved but not listening yet.
pub(crate) struct Reserved(TcpSocket);

/// In which state a port begins.
pub(crate) enum Start {
    /// After a good handshake, for this reason.
    Online(&'static str),
    /// A restored port whose upstream failed, for this reason: it is kept, and comes back by itself.
    Offline(String),
}

/// Reserves the address. Nobody can connect before [`Port::open`].
pub(crate) fn reserve(address: SocketAddr) -> io::Result<Reserved> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Elsewhere than on Unix the option would let two programs share a port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(Reserved(socket))
}

impl Reserved {
    /// Whether only this machine will reach it.
    pub(crate) fn is_loopback(&self) -> bool {
        let address = self.0.local_addr();
        address.is_ok_and(|address| address.ip().is_loopback())
    }
}

impl Port {
    /// Starts listening. Whoever opens it spawns its tasks.
    pub(crate) fn open(
        context: Arc<Context>,
        number: u16,
        reserved: Reserved,
        assignment: Arc<Assignment>,
        rules: Rules,
        start: Start,
    ) -> io::Result<(Arc<Self>, TcpListener)> {
        let listener = reserved.0.listen(BACKLOG)?;
        let health = PortHealth::new(match &start {
            Start::Online(reason) => reason,
            Start::Offline(reason) => reason,
        });
        // What is offline from the start has been told by the request's end.
        let mut told = 0;
        if let Start::Offline(_) = start {
            told = health.begin_offline();
        }
        let port = Arc::new(Self {
            number,
            address: listener.local_addr()?,
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
        });
        Ok((port, listener))
    }

    /// The upstream in service.
    pub(crate) fn assignment(&self) -> Arc<Assignment> {
        Arc::clone(&self.assignment.read())
    }

    /// Puts another upstream into service. What becomes of connections that are under way the rules say; a
    /// `renewed` upstream is the same one, and keeps them.
    pub(crate) fn swap(&self, assignment: Arc<Assignment>, reason: &str) -> u64 {
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
                self.tasks.spawn_on(draining, &self.context.handle);
            }
        }
        self.changed.notify_one();
        self.health.forwarded(reason)
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

    /// What the port speaks.
    pub(crate) fn accept(&self) -> Accept {
        self.rules.read().accept
    }

    /// What a client has to show; `None` where everybody may come in.
    pub(crate) fn credentials(&self) -> Option<Arc<Credentials>> {
        let own = self
            .rules
            .read()
            .auth
            .as_ref()
            .map(|auth| Arc::clone(&auth.0));
        own.or_else(|| self.context.local_auth.credentials())
    }

    /// What a check asks an HTTP upstream to connect to.
    pub(crate) fn probe(&self) -> Option<Target> {
        let own = self.rules.read().probe.clone();
        own.or_else(|| self.settings().probe.clone())
    }

    /// Whether an upstream that fails is replaced.
    pub(crate) fn rotates_on_error(&self) -> bool {
        let own = self.rules.read().rotate_on_error;
        own.unwrap_or_else(|| self.settings().rotate_on_error)
    }

    /// What a new connection or request uses.
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

    /// Resolves when that version, or a later one, has been published.
    pub(crate) async fn reported(&self, version: u64) {
        let mut published = self.published.subscribe();
        tokio::select! {
            _ = published.wait_for(|done| *done >= version) => {}
            () = self.context.abandon.cancelled() => {}
        }
    }

    /// Ends the port: posts and returns. `tasks` tells when it is over.
    pub(crate) fn close(&self, ending: Ending, reason: &str) {
        self.health.end(ending, reason);
        self.assignment().retire();
        self.cancel.cancel();
        self.tasks.close();
    }

    /// Runs a component until the port is closed, beginning it anew if it panics.
    pub(crate) fn spawn<F>(
        self: Arc<Self>,
        component: &'static str,
        begin: impl Fn(Arc<Self>) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = ()> + Send,
    {
        let port = Arc::clone(&self);
        let run = async move {
            let component = format!("forward:{}:{component}", port.number);
            let kept = supervise::keep(&port.context, &component, || {
                // Boxed, so that what is around it does not hold it twice.
                Box::pin(begin(Arc::clone(&port)))
            });
            port.cancel.run_until_cancelled(kept).await;
        };
        self.tasks.spawn_on(run, &self.context.handle);
    }

    /// The reporter outlives the closing: the port's end is its last report.
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
        self.tasks.spawn_on(run, &self.context.handle);
    }
}
