//! A local port as an HTTP proxy: CONNECT, and requests in absolute form, one after the other.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::exchange::AfterExchange;
use super::next::{NextStep, OPENING_TIMEOUT, RelayEnds};
use super::rejection::Rejection;
use super::send;
use super::tunnel::{tunnel, while_present};
use super::upstream_connection::KeptConnection;
use crate::http::{Framing, HeadError, Request, read_request, skip_empty_lines};
use crate::model::Target;
use crate::port::Port;
use crate::socket::BufferedSocket;

/// How long a client may keep a connection between two requests. One minute, as browsers do.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// How many proxies a request may have passed, as they say in `Via`. Twenty: more than any chain that somebody builds,
/// and a loop through foreign proxies ends soon.
const MAX_HOPS: usize = 20;

/// Serves one HTTP client until it opens a tunnel or closes.
pub(super) async fn serve(port: &Arc<Port>, mut client: BufferedSocket) -> NextStep {
    let mut kept = KeptConnection::default();
    loop {
        let request = match timeout(OPENING_TIMEOUT, read_request(&mut client.reader())).await {
            Ok(Ok(request)) => request,
            Ok(Err(HeadError::Gone)) => return NextStep::Closed,
            Ok(Err(HeadError::TooLarge)) => {
                return reject(
                    client,
                    &Rejection::new(431, "the request's head is too large"),
                )
                .await;
            }
            Ok(Err(HeadError::Invalid)) => return reject_invalid(client).await,
            Err(_) => {
                return reject(
                    client,
                    &Rejection::new(408, "the request's head did not arrive in time"),
                )
                .await;
            }
        };
        if let Some(asked) = port.credentials() {
            let mut shown = request.headers.all("proxy-authorization");
            let admitted = match (shown.next(), shown.next()) {
                (Some(value), None) => asked.admit_basic(value),
                _ => false,
            };
            if !admitted {
                let reason = "this proxy requires its own credentials";
                return reject(client, &Rejection::new(407, reason)).await;
            }
        }
        let hops = request.headers.joined("via");
        if hops.split(|&byte| byte == b',').count() > MAX_HOPS {
            let reason = "the request has passed too many proxies (Via): this looks like a loop";
            return reject(client, &Rejection::new(508, reason)).await;
        }
        if request.method == "CONNECT" {
            return connect(port, client, &request).await;
        }
        match send::run(port, &mut client, &request, &mut kept).await {
            Ok(AfterExchange::More) => {}
            Ok(AfterExchange::Switch) => {
                return match kept.take() {
                    Some(connection) => NextStep::Relay(Box::new(RelayEnds {
                        client,
                        upstream: connection.socket,
                        route: connection.route,
                        counted: connection.counted,
                        answered: true,
                    })),
                    None => NextStep::Closed,
                };
            }
            Ok(AfterExchange::Close) => return NextStep::Refused(client),
            Ok(AfterExchange::Gone) => return NextStep::Closed,
            Ok(AfterExchange::Truncated) => {
                client.writer().reset_on_close();
                return NextStep::Closed;
            }
            Err(rejection) => return reject(client, &rejection).await,
        }
        // An empty line after a body is no request, so its client does not owe us one.
        let idle = KEEP_ALIVE.min(port.settings().idle_timeout);
        match timeout(idle, next_request(&mut client, &mut kept)).await {
            Ok(Ok(())) => {}
            Ok(Err(HeadError::Invalid)) => return reject_invalid(client).await,
            _ => return NextStep::Closed,
        }
    }
}

/// Waits for the client's next request. A kept connection that the upstream ends in the meantime is closed.
async fn next_request(
    client: &mut BufferedSocket,
    kept: &mut KeptConnection,
) -> Result<(), HeadError> {
    let mut reader = client.reader();
    let mut waiting = std::pin::pin!(skip_empty_lines(&mut reader));
    if let Some(connection) = &kept.0 {
        tokio::select! {
            biased;
            begun = &mut waiting => return begun,
            () = connection.socket.ended() => {}
        }
        kept.0 = None;
    }
    waiting.await
}

async fn connect(port: &Arc<Port>, client: BufferedSocket, request: &Request) -> NextStep {
    // Some servers would read a body as the first bytes of the tunnel, others as a body. An empty one is none.
    if !matches!(request.framing(), Ok(Framing::None | Framing::Length(0))) {
        return reject(client, &Rejection::new(400, "CONNECT must not have a body")).await;
    }
    let target = std::str::from_utf8(&request.target).ok();
    let Some(target) = target.and_then(|target| Target::parse(target, None)) else {
        return reject(
            client,
            &Rejection::new(400, "the target of CONNECT must be host:port"),
        )
        .await;
    };
    let route = port.route();
    let settings = port.settings();
    let via = request.headers.joined("via");
    let opening = tunnel(port, &route, &target, &via, &settings);
    let Some(opened) = while_present(port, &route, client.writer(), opening).await else {
        return NextStep::Closed;
    };
    match opened {
        Ok(upstream) => {
            const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
            if client.writer().write_all(ESTABLISHED).await.is_err() {
                return NextStep::Closed;
            }
            NextStep::Relay(Box::new(RelayEnds {
                client,
                upstream,
                counted: route.enter(),
                route,
                answered: false,
            }))
        }
        Err(failure) => reject(client, &failure.into()).await,
    }
}

/// Refuses what is no HTTP request.
pub(super) async fn reject_invalid(client: BufferedSocket) -> NextStep {
    reject(client, &Rejection::new(400, "not a valid HTTP request")).await
}

async fn reject(client: BufferedSocket, rejection: &Rejection) -> NextStep {
    let phrase = match rejection.status {
        400 => "Bad Request",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        504 => "Gateway Timeout",
        508 => "Loop Detected",
        _ => "Bad Gateway",
    };
    let body = format!("Loopwire: {}\n", rejection.reason);
    let challenge = match rejection.status {
        407 => "Proxy-Authenticate: Basic realm=\"Loopwire\", charset=\"UTF-8\"\r\n",
        _ => "",
    };
    let answer = format!(
        "HTTP/1.1 {} {phrase}\r\n{challenge}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{body}",
        rejection.status,
        body.len(),
    );
    // A client that has read none of its earlier answers may not take this one either.
    let _ = timeout(
        OPENING_TIMEOUT,
        client.writer().write_all(answer.as_bytes()),
    )
    .await;
    NextStep::Refused(client)
}
