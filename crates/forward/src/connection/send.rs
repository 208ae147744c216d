//! Sends one plain HTTP request through the port's upstream, while the answer comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::timeout;

use super::answer_clock::AnswerClock;
use super::exchange::{AfterExchange, Exchange};
use super::receive::Received;
use super::rejection::Rejection;
use super::tunnel::{note, tunnel, while_present};
use super::upstream_connection::{KeptConnection, UpstreamConnection};
use crate::dial;
use crate::health::Route;
use crate::http::{BodyCopy, CopyError, Framing, Request, write_framing, write_line};
use crate::model::{Failure, Target};
use crate::port::Port;
use crate::socket::BufferedSocket;

/// Serves one request.
pub(super) async fn run(
    port: &Arc<Port>,
    client: &mut BufferedSocket,
    request: &Request,
    kept: &mut KeptConnection,
) -> Result<AfterExchange, Rejection> {
    let settings = port.settings();
    let (target, path) = absolute(request)?;
    let framing = request
        .framing()
        .map_err(|ambiguous| Rejection::new(400, ambiguous.0))?;
    let hosts = request.headers.all("host").count();
    if hosts > 1 || (hosts == 0 && request.minor > 0) {
        return Err(Rejection::new(400, "the request must have one Host header"));
    }
    let exchange = Exchange {
        port,
        request,
        settings: &settings,
        target,
        path,
        framing,
        upgrade: framing == Framing::None && request.asks_for_websocket(),
        passed: AtomicBool::new(false),
        flowing: AtomicBool::new(false),
        whole: AtomicBool::new(framing == Framing::None),
        begun: AtomicBool::new(false),
        clock: AnswerClock::new(),
    };
    let route = port.route();
    if !exchange.may_be_done_twice() {
        kept.settle().await;
    }
    // Whatever the method: some authentication belongs to the connection (NTLM, Negotiate).
    let fitting = kept.0.take();
    if let Some(connection) = fitting.filter(|kept| exchange.fits(kept, &route)) {
        match exchange.over(client, connection, kept).await {
            // The upstream may close a kept connection at any moment.
            Err(Failure::Closed | Failure::TargetGone) if !exchange.begun.load(Relaxed) => {
                if !exchange.is_repeatable() {
                    // Only the client knows whether it may ask again (RFC 9112, section 9.3.1). An error would be
                    // an answer, after which it does not.
                    return Ok(AfterExchange::Close);
                }
            }
            result => {
                exchange.note(&route, &result);
                return exchange.conclude(result);
            }
        }
    }
    kept.0 = None;
    // The kept connection may have been closed because another upstream took over.
    let route = if route.assignment.is_retired() {
        port.route()
    } else {
        route
    };
    let opening = exchange.open(&route);
    let Some(opened) = while_present(port, &route, client.writer(), opening).await else {
        return Ok(AfterExchange::Gone);
    };
    let connection = opened?;
    let result = exchange.over(client, connection, kept).await;
    exchange.note(&route, &result);
    exchange.conclude(result)
}

impl Exchange<'_> {
    fn fits(&self, connection: &UpstreamConnection, route: &Route) -> bool {
        Arc::ptr_eq(&connection.route.assignment, &route.assignment)
            && match &connection.to {
                Some(to) => *to == self.target && self.is_tunnelled(route),
                None => !self.is_tunnelled(route),
            }
            && connection.socket.is_quiet()
    }

    async fn open(&self, route: &Route) -> Result<UpstreamConnection, Failure> {
        let upstream = &route.assignment.upstream;
        let (socket, to) = if !self.is_tunnelled(route) {
            // Only TCP, and TLS if needed: the answer will show whether the upstream works.
            let socket = dial::reach(
                Some(self.port.address),
                upstream,
                &self.target,
                self.settings,
            )
            .await;
            if let Err(failure) = &socket {
                note(self.port, &route.assignment, Some(failure), Duration::ZERO);
                self.port
                    .log(|| format!("{} through {upstream}: {failure}", self.target));
            }
            (socket?, None)
        } else {
            let via = self.request.headers.joined("via");
            let socket = tunnel(self.port, route, &self.target, &via, self.settings).await?;
            (socket, Some(self.target.clone()))
        };
        Ok(UpstreamConnection {
            socket,
            route: route.clone(),
            counted: route.enter(),
            to,
            answered: None,
            persists: false,
        })
    }

    /// In a tunnel a failure says nothing about the upstream, which did its part. Nor does an answer in absolute form,
    /// or its end: a target that closes has some proxies close.
    fn note<T>(&self, route: &Route, result: &Result<T, Failure>) {
        match result {
            Err(_) if self.is_tunnelled(route) => {}
            Err(Failure::Closed | Failure::Answer(_)) => self.port.health.doubt(&route.assignment),
            Err(failure) => note(self.port, &route.assignment, Some(failure), Duration::ZERO),
            Ok(_) => {}
        }
    }

    /// A failure before the answer began can be reported; after that the client can only see a reset.
    fn conclude(
        &self,
        result: Result<Option<AfterExchange>, Failure>,
    ) -> Result<AfterExchange, Rejection> {
        match result {
            Ok(Some(after)) => Ok(after),
            _ if self.begun.load(Relaxed) => Ok(AfterExchange::Truncated),
            Ok(None) => Err(Rejection::new(
                400,
                "the request's body is invalid or incomplete",
            )),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Sends the request and passes the answer on, at the same time. `None` if the client's body is invalid.
    async fn over(
        &self,
        client: &mut BufferedSocket,
        mut connection: UpstreamConnection,
        kept: &mut KeptConnection,
    ) -> Result<Option<AfterExchange>, Failure> {
        let request_head = self.head_for(&connection);
        // The upstream's time starts now, however long it took to get here.
        self.clock.restart();
        let meter = connection.route.meter.clone();
        let received = {
            let (mut from_client, to_client) = client.split();
            let (mut from_upstream, to_upstream) = connection.socket.split();
            let sending = async {
                let idle = self.settings.idle_timeout;
                let sent = timeout(idle, to_upstream.write_all(&request_head)).await;
                if !matches!(sent, Ok(Ok(()))) {
                    return Err(CopyError::Receiver);
                }
                meter.up(request_head.len());
                self.clock.sent();
                self.passed.store(true, Relaxed);
                BodyCopy {
                    from: &mut from_client,
                    to: to_upstream,
                    lenient: false,
                    idle,
                    moved: |count| {
                        meter.up(count);
                        self.clock.sent();
                        self.flowing.store(true, Relaxed);
                    },
                }
                .run(self.framing, true)
                .await?;
                self.whole.store(true, Relaxed);
                Ok(())
            };
            let receiving = self.receive(&connection.route, &mut from_upstream, to_client);
            let (mut sending, mut receiving) = (std::pin::pin!(sending), std::pin::pin!(receiving));
            // Until the request is sent the client's end is no departure: it may stand behind the request's body.
            let mut failed = std::pin::pin!(to_client.failed());
            let mut departed = std::pin::pin!(to_client.departed());
            let mut sent = None;
            let received = loop {
                tokio::select! {
                    biased;
                    received = &mut receiving => break Some(received?),
                    () = connection.route.assignment.cancel.cancelled() => return Err(Failure::Closed),
                    result = &mut sending, if sent.is_none() => match result {
                        Ok(()) => sent = Some(true),
                        // It may have answered before it stopped reading.
                        Err(CopyError::Receiver) => sent = Some(false),
                        Err(CopyError::Sender | CopyError::Malformed) => return Ok(None),
                    },
                    () = &mut failed, if sent.is_none() => break None,
                    () = &mut departed, if sent.is_some() => break None,
                }
            };
            let Some(received) = received else {
                // A reset, so that an upstream that takes an end for a half close gives the request up, too.
                to_upstream.reset_on_close();
                return Ok(Some(AfterExchange::Gone));
            };
            // The answer ended before the body, and the server reads on: it may have answered without looking at the
            // body, as Node does, and a client whose connection ended now would take its upload for failed.
            if sent.is_none() && received.client == AfterExchange::More {
                tokio::select! {
                    biased;
                    result = &mut sending => sent = Some(result.is_ok()),
                    () = &mut failed => {}
                    () = to_upstream.failed() => {}
                    () = connection.route.assignment.cancel.cancelled() => {}
                }
            }
            let whole = self.whole.load(Relaxed);
            Received {
                client: match received.client {
                    // The rest of the body is no next request.
                    AfterExchange::More if !whole => AfterExchange::Close,
                    after => after,
                },
                // After a partly written head the next head would be read as its end.
                upstream: received.upstream && sent == Some(true),
            }
        };
        if received.upstream {
            connection.has_answered();
            kept.0 = Some(connection);
        }
        Ok(Some(received.client))
    }

    fn head_for(&self, connection: &UpstreamConnection) -> Vec<u8> {
        let request = self.request;
        let mut head = Vec::with_capacity(1024);
        let host = self.authority();
        head.extend_from_slice(request.method.as_bytes());
        match connection.to {
            None => {
                head.extend_from_slice(b" http://");
                head.extend_from_slice(host.as_bytes());
                head.extend_from_slice(&self.path);
            }
            Some(_) if self.path.is_empty() => head.extend_from_slice(b" *"),
            Some(_) => {
                head.push(b' ');
                head.extend_from_slice(&self.path);
            }
        }
        head.extend_from_slice(format!(" HTTP/1.{}\r\n", request.minor).as_bytes());
        // RFC 9112, section 3.2.2: the request target takes precedence over the client's Host.
        write_line(&mut head, "Host", host.as_bytes());
        request.headers.write_end_to_end(&mut head, &["host"]);
        write_framing(&mut head, self.framing);
        if self.upgrade {
            write_line(&mut head, "Connection", b"Upgrade");
            write_line(&mut head, "Upgrade", b"websocket");
        }
        let upstream = &connection.route.assignment.upstream;
        if let (None, Some(credentials)) = (&connection.to, &upstream.credentials) {
            write_line(
                &mut head,
                "Proxy-Authorization",
                credentials.basic().as_bytes(),
            );
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Host and port, without the scheme's default port.
    fn authority(&self) -> String {
        let text = self.target.to_string();
        match text.strip_suffix(":80") {
            Some(host) if self.target.port == 80 => host.to_owned(),
            _ => text,
        }
    }
}

/// Splits `http://host[:port][/path]`. A `ws://` URL is read as `http://`, which it is before the upgrade. The path is
/// empty only for OPTIONS without one, which asks about the server as a whole (RFC 9112, section 3.2.4).
fn absolute(request: &Request) -> Result<(Target, Vec<u8>), Rejection> {
    let target = &request.target;
    let after = |scheme: &[u8]| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let Some(rest) = after(b"http://").or_else(|| after(b"ws://")) else {
        return Err(Rejection::new(
            400,
            if target.starts_with(b"/") || target == b"*" {
                "this is a proxy: the request must name an absolute http:// URL"
            } else {
                "only http:// URLs can be requested directly; use CONNECT for everything else"
            },
        ));
    };
    let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#');
    let (authority, path) = rest.split_at(rest.iter().position(ends).unwrap_or(rest.len()));
    let authority = std::str::from_utf8(authority)
        .ok()
        .and_then(|authority| Target::parse(authority, Some(80)))
        .ok_or_else(|| Rejection::new(400, "the URL's host and port are not valid"))?;
    let path = path.split(|&byte| byte == b'#').next().unwrap_or_default();
    let is_whole = path.starts_with(b"/") || (path.is_empty() && request.method == "OPTIONS");
    let slash: &[u8] = if is_whole { b"" } else { b"/" };
    Ok((authority, [slash, path].concat()))
}
