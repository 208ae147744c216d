//! The server of the local API: one bound loopback port, from start to stop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::FutureExt as _;
use loopwire_channel::{
    Hosts, ListeningSocket, Observer, Policy, REQUEST_DEADLINE, RequestLimits, Token, TokenCell,
    bind, serve,
};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::answer::refusal;
use super::endpoints::Dispatcher;
use super::pick::Picks;
use super::routes::{COMPONENT, router};
use crate::engine::Engine;
use crate::model::events;
use crate::port::{Context, supervise};

/// How long one request may take, its answer included. Picking tries one upstream after the other, each for up to
/// twenty seconds by default; no client waits longer than this.
const PICK_DEADLINE: Duration = Duration::from_secs(120);

/// A running server of the local API. Dropped, it stops.
#[derive(Debug)]
pub struct Api {
    address: SocketAddr,
    socket: ListeningSocket,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Reports panics to the engine's hook.
struct Faults(Arc<Context>);

impl Observer for Faults {
    fn panicked(&self, _component: &'static str, message: &str) {
        self.0.fault(COMPONENT, "ERR_PANIC", message);
    }
}

impl Engine {
    /// Starts the local HTTP API on that port of 127.0.0.1; 0 for any. With a token, every request must send it;
    /// without one, every local program may use the API. The port is bound when this returns.
    ///
    /// # Errors
    /// The system's error for the port. An `httpError` event is published as well.
    pub fn start_http_api(&self, port: u16, token: Option<Token>) -> io::Result<Api> {
        let started = bind((Ipv4Addr::LOCALHOST, port).into())
            .and_then(|listener| Api::start(self, listener, token));
        if started.is_err() {
            // The published text; the reason is in the result.
            self.0.publish_soon(events::http_error("HTTP Start error"));
        }
        started
    }
}

impl Api {
    /// Serves on a bound, non-blocking socket.
    fn start(engine: &Engine, listener: TcpListener, token: Option<Token>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let context = Arc::clone(&engine.0.context);
        let hosts = Hosts::loopback(address.port(), false);
        let token = token.map(|token| Arc::new(TokenCell::new(token)));
        let mut policy =
            Policy::local_api(hosts, token).with_observer(Arc::new(Faults(Arc::clone(&context))));
        // Reject form posts (CSRF): web pages can send them, and this API does not need them.
        policy.json_bodies = true;
        policy.form = Some(refusal);
        let dispatcher = Dispatcher {
            engine: engine.clone(),
            picks: Picks::default(),
        };
        let api = Self {
            address,
            socket: ListeningSocket::new(listener, &context.handle)?,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let app = router(Arc::new(dispatcher));
        let (policy, socket, stop) = (Arc::new(policy), api.socket.clone(), api.stop.clone());
        let handle = context.handle.clone();
        let accepting = async move {
            let begin = || accept(&socket, app.clone(), Arc::clone(&policy), stop.clone());
            supervise::keep(&context, COMPONENT, begin).await;
        };
        api.tasks.spawn_on(accepting.boxed(), &handle);
        api.tasks.close();
        Ok(api)
    }

    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Whether it was told to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Stops accepting and drops the running requests. The port is free when this returns.
    pub fn stop(&self) {
        self.stop.cancel();
        self.socket.close();
    }

    /// Like [`Api::stop`]; resolves when nothing is left.
    pub async fn close(&self) {
        self.stop();
        self.tasks.wait().await;
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Accepts until it is told to stop. After a panic it is called again.
async fn accept(
    socket: &ListeningSocket,
    app: Router,
    policy: Arc<Policy>,
    stop: CancellationToken,
) {
    let limits = RequestLimits {
        request: REQUEST_DEADLINE + PICK_DEADLINE,
        ..RequestLimits::default()
    };
    serve(socket.clone(), app, policy, limits, stop).await;
}
