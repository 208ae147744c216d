//! The accept loop: accepts connections, reads one request from each, and lets the guard answer it.
//!
//! `axum::serve` has no timeouts and no limits, so this uses hyper's HTTP/1 with both. One request per connection is
//! the simplest limit, and a WebSocket needs no more.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use futures_util::FutureExt as _;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::body::{self, BodyError};
use super::limits::{REQUEST_DEADLINE, RequestLimits};
use super::pending::{Entry, GRACE, PendingConnections};
use super::reserve::{self, Reserve};
use super::socket::{ListeningSocket, concerns_one_client};
use super::target::{Fragment, TargetIo};
use super::upgrade::asks_for_websocket;
use crate::guard::{self, Policy, Reason, answer};

/// The pause after the first failed accept: long enough not to spin, too short to be noticed.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause: half a second, so that a listener accepts again within a second after file descriptors are free.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// The component of a reported panic.
const COMPONENT: &str = "listener";

/// Accepts on `listener` until `stop` is cancelled. Then the port is closed at once, and connections that are not
/// upgraded yet are dropped. The future ends when the last of them has ended.
///
/// Every request passes the guard of `policy` before `app` gets it with its whole body.
pub fn serve(
    listener: ListeningSocket,
    app: Router,
    policy: Arc<Policy>,
    limits: RequestLimits,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send {
    serve_over(None, listener, app, policy, limits, stop)
}

/// Like [`serve`], over TLS if there is a configuration.
pub(crate) fn serve_over(
    tls: Option<Arc<ServerConfig>>,
    listener: ListeningSocket,
    app: Router,
    policy: Arc<Policy>,
    limits: RequestLimits,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send {
    let server = Arc::new(Server {
        pending: PendingConnections::new(limits, Arc::clone(&policy.counters)),
        reserve: Reserve::new(),
        tls,
        app,
        policy,
        limits,
    });
    server.run(listener, stop)
}

/// What all connections of one accept loop share.
struct Server {
    pending: Arc<PendingConnections>,
    reserve: Reserve,
    tls: Option<Arc<ServerConfig>>,
    app: Router,
    policy: Arc<Policy>,
    limits: RequestLimits,
}

impl Server {
    async fn run(self: Arc<Self>, listener: ListeningSocket, stop: CancellationToken) {
        let mut connections = JoinSet::new();
        let mut pause = FIRST_PAUSE;
        loop {
            let accept = async {
                self.pending.room().await;
                listener.accept().await
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = connections.join_next() => self.report(ended),
                accepted = accept => match accepted {
                    None => break,
                    Some(Ok((stream, _))) => {
                        pause = FIRST_PAUSE;
                        connections.spawn(Arc::clone(&self).serve_connection(stream).boxed());
                    }
                    Some(Err(error)) if concerns_one_client(&error) => {}
                    Some(Err(error)) => {
                        self.policy.counters.count_accept_error();
                        if reserve::is_shortage(&error) {
                            if self.reserve.give() {
                                continue;
                            }
                            self.pending.make_room();
                        }
                        if pause == FIRST_PAUSE {
                            tracing::warn!(%error, "cannot accept connections, trying again");
                        }
                        tokio::select! {
                            () = stop.cancelled() => break,
                            // It has given its descriptor back.
                            Some(ended) = connections.join_next() => self.report(ended),
                            () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                        }
                    }
                },
            }
        }
        listener.close();
        connections.abort_all();
        while let Some(ended) = connections.join_next().await {
            self.report(ended);
        }
    }

    /// Serves one connection from its accept to its response or its upgrade. It is added to the pending connections
    /// here, before its task runs, so that they are in the order of the accepts.
    fn serve_connection(self: Arc<Self>, stream: TcpStream) -> impl Future<Output = ()> + Send {
        self.policy.counters.count_accepted();
        // Frames are written as a whole: waiting for more data would only delay them.
        let _ = stream.set_nodelay(true);
        // If it cannot be filled, this connection has a descriptor of the reserve and must give it back.
        let scarce = !self.reserve.fill();
        let (entry, leave) = self.pending.enter();
        async move {
            let mut serving = pin!(self.receive(stream, &entry, scarce));
            tokio::select! {
                biased;
                () = &mut serving => return,
                () = sleep(GRACE) => entry.grace_over(),
            }
            tokio::select! {
                biased;
                _ = leave => {}
                () = serving => {}
            }
        }
    }

    async fn receive(&self, stream: TcpStream, entry: &Entry, scarce: bool) {
        let begun = Instant::now();
        match &self.tls {
            None => {
                self.serve_http(stream, entry, begun, scarce).await;
            }
            Some(tls) => {
                // A silent connection costs a socket and this task, and nothing of TLS.
                match timeout_at(begun + self.limits.receive, stream.readable()).await {
                    // Boxed, so that the task of a plain or a silent connection does not need its memory.
                    Ok(Ok(())) => {
                        Box::pin(self.shake_hands(tls, stream, entry, begun, scarce)).await;
                    }
                    Ok(Err(_)) => self.policy.counters.count_refused(Reason::Handshake),
                    Err(_) => self.policy.counters.count_refused(Reason::Deadline),
                }
            }
        }
    }

    /// Performs the TLS handshake. One deadline covers the handshake and the request.
    async fn shake_hands(
        &self,
        tls: &Arc<ServerConfig>,
        stream: TcpStream,
        entry: &Entry,
        begun: Instant,
        scarce: bool,
    ) {
        // An error keeps the stream, and so does the future that is pinned here: a client that sees its connection closed
        // is counted already.
        let mut handshake = pin!(async {
            let mut acceptor = LazyConfigAcceptor::new(Acceptor::default(), stream);
            let hello = match (&mut acceptor).await {
                Ok(hello) => hello,
                Err(error) => return Err((error, acceptor.take_io())),
            };
            entry.greeted();
            let accepted = hello.into_stream(Arc::clone(tls)).into_fallible().await;
            accepted.map_err(|(error, stream)| (error, Some(stream)))
        });
        match timeout_at(begun + self.limits.receive, &mut handshake).await {
            Ok(Ok(stream)) => {
                self.serve_http(stream, entry, begun, scarce).await;
            }
            Ok(Err((error, _stream))) => {
                tracing::debug!(%error, "a TLS handshake failed");
                self.policy.counters.count_refused(Reason::Handshake);
            }
            Err(_) => self.policy.counters.count_refused(Reason::Deadline),
        }
    }

    async fn serve_http<Io>(&self, io: Io, entry: &Entry, begun: Instant, scarce: bool)
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (io, fragment) = TargetIo::new(io);
        let received_by = begun + self.limits.receive;
        let service =
            service_fn(|request| self.answer(request, &fragment, entry, received_by, scarce));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(received_by.saturating_duration_since(Instant::now()))
            .max_headers(self.limits.headers)
            .max_header_size(self.limits.head_bytes)
            .max_buf_size(self.limits.head_bytes)
            // Without a date, two error responses of the same kind are equal to the byte.
            .auto_date_header(false);
        // Pinned here, so that it is counted before it is closed.
        let mut connection = pin!(
            http.serve_connection(TokioIo::new(io), service)
                .with_upgrades()
        );
        match timeout_at(begun + self.limits.request, &mut connection).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.is_timeout() || error.is_user() => {
                self.policy.counters.count_refused(Reason::Deadline);
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a request could not be read");
                self.policy.counters.count_refused(Reason::Broken);
            }
            Err(_) => self.policy.counters.count_refused(Reason::Deadline),
        }
    }

    /// The error is a body that did not arrive in time: the connection is closed without a response, as for a head.
    async fn answer(
        &self,
        request: Request<Incoming>,
        fragment: &Fragment,
        entry: &Entry,
        received_by: Instant,
        scarce: bool,
    ) -> io::Result<Response> {
        let (parts, body) = request.into_parts();
        let mut late = false;
        let fragment = fragment.is_there();
        let mut response = guard::respond(&self.policy, parts, fragment, |parts| async {
            let body = body::read(body, self.limits.body_bytes);
            let Ok(body) = timeout_at(received_by, body).await else {
                late = true;
                return answer::bad_request("the body did not arrive in time");
            };
            entry.received();
            if scarce && asks_for_websocket(&parts.headers) {
                return answer::unavailable(
                    "the process has no file descriptor left for another connection",
                    REQUEST_DEADLINE,
                );
            }
            self.route(parts, body).await
        })
        .await;
        if late {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // An error response does not wait for the body.
        entry.received();
        // One request per connection. hyper's own option would add `close` to the 101 as well, and strict clients
        // (tungstenite) would then see no upgrade.
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        Ok(response)
    }

    async fn route(&self, parts: Parts, body: Result<bytes::Bytes, BodyError>) -> Response {
        match body {
            Ok(body) => {
                let request = Request::from_parts(parts, Body::from(body));
                let Ok(response) = self.app.clone().oneshot(request).await;
                response
            }
            Err(error) => {
                self.policy.counters.count_refused(Reason::Request);
                match error {
                    BodyError::TooLarge => answer::too_large(self.limits.body_bytes),
                    BodyError::Broken(_) => answer::bad_request("the body could not be read"),
                }
            }
        }
    }

    /// A connection's task has ended: it may have had a descriptor of the reserve. The task handles everything but a panic.
    fn report(&self, ended: Result<(), JoinError>) {
        self.reserve.fill();
        let Some(panic) = ended.err().and_then(|error| error.try_into_panic().ok()) else {
            return;
        };
        self.policy.counters.count_panic();
        let message = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a panic without a message");
        self.policy.observer.panicked(COMPONENT, message);
    }
}
