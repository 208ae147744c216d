//! Opening a listener: its host list, its policy, its routes, and the accept loop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use futures_util::FutureExt as _;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::listener::Listener;
use super::options::ListenerOptions;
use super::registry::Registry;
use super::routes;
use super::silent_mode::SilentMode;
use super::slot::Slot;
use crate::callback::Callback;
use crate::command::{Engine, TaskScope};
use crate::executor::Executor;
use crate::fault;
use crate::guard::{HostError, Hosts, Observer, Policy, Token, TokenCell};
use crate::journal::Journal;
use crate::server::{self, ListeningSocket, RequestLimits};
use crate::silence::MutableKinds;
use crate::tls::Identity;

/// Why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// An entry of `allowedHosts` is not a host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The runtime could not use the socket.
    #[error(transparent)]
    Socket(#[from] io::Error),
}

impl Listener {
    /// Starts accepting on a bound socket.
    ///
    /// # Errors
    /// [`OpenError`]; nothing has been started then.
    pub fn open(
        executor: impl Into<Executor>,
        socket: TcpListener,
        journal: &Arc<Journal>,
        token: Token,
        callback: Option<Arc<Callback>>,
        engines: Vec<Arc<dyn Engine>>,
        options: ListenerOptions,
    ) -> Result<Arc<Self>, OpenError> {
        let executor = executor.into();
        let handle = executor
            .handle()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?;
        let address = socket.local_addr()?;
        let hosts = hosts(address, &options)?;
        let token = Arc::new(TokenCell::new(token));
        let mut policy = Policy::channel(hosts, options.origins.clone(), Arc::clone(&token));
        if options.inspector {
            policy.own_pages = Some(if options.tls.is_some() {
                "https"
            } else {
                "http"
            });
        }
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let task_scope = TaskScope::new(Arc::clone(journal), executor, tasks.clone(), stop.clone());
        let mut mutable = MutableKinds::default();
        for spec in engines.iter().map(|engine| engine.spec()) {
            let topics: Vec<_> = spec.topics.iter().map(|(topic, _)| *topic).collect();
            mutable.add(&topics, spec.mutable);
        }
        let listener = Arc::new(Self {
            journal: Arc::clone(journal),
            token,
            address,
            callback,
            engines: engines.into(),
            task_scope: Arc::new(task_scope),
            slot: Slot::default(),
            registry: Registry::new(options.max_connections),
            clients: Arc::default(),
            options,
            silence: SilentMode::default(),
            mutable: Arc::new(mutable),
            counters: Arc::clone(&policy.counters),
            warned: Mutex::default(),
            socket: ListeningSocket::new(socket, &handle)?,
            stop,
            tasks,
        });
        let observer: Arc<dyn Observer> = Arc::clone(&listener) as _;
        let policy = Arc::new(policy.with_observer(observer));
        listener
            .tasks
            .spawn_on(Arc::clone(&listener).accept(policy).boxed(), &handle);
        Ok(listener)
    }

    /// Accepts until stopped. After a panic, the loop is started again on the same socket.
    async fn accept(self: Arc<Self>, policy: Arc<Policy>) {
        let app = routes::router(Arc::clone(&self));
        while !self.stop.is_cancelled() {
            let serve = server::serve_over(
                self.options.tls.as_ref().map(Identity::config),
                self.socket.clone(),
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
}

fn hosts(address: SocketAddr, options: &ListenerOptions) -> Result<Hosts, OpenError> {
    let mut hosts = Hosts::loopback(address.port(), options.tls.is_some());
    if address.ip().is_unspecified() {
        // No client uses the wildcard as a host, but they use the addresses of the interfaces.
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
