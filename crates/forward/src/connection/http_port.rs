//! A local port as an HTTP proxy: CONNECT, and one request after the other in absolute form.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::exchange::After;
use super::next::{Next, OPENING, Ready};
use super::refusal::Refusal;
use super::send;
use super::tunnel::tunnel;
use super::upstream_connection::Kept;
use crate::http::{HeadError, Request, read_request};
use crate::model::Target;
use crate::port::Port;
use crate::socket::Wire;

/// How long a client may keep a connection between two requests. A minute, as browsers do.
const BETWEEN_REQUESTS: Duration = Duration::from_secs(60);

/// Serves one HTTP client until it tunnels or leaves.
pub(super) async fn serve(port: &Arc<Port>, mut client: Wire) -> Next {
    let mut kept = Kept::default();
    loop {
        let request = match timeout(OPENING, read_request(&mut client.reader())).await {
            Ok(Ok(request)) => request,
            Ok(Err(HeadError::Gone)) => return Next::Closed,
            Ok(Err(HeadError::TooLarge)) => {
                return refuse(
                    client,
                    &Refusal::new(431, "the request's head is too large"),
                )
                .await;
            }
            Ok(Err(HeadError::Invalid)) => {
                return refuse(client, &Refusal::new(400, "not a valid HTTP request")).await;
            }
            Err(_) => {
                return refuse(
                    client,
                    &Refusal::new(408, "the request's head did not come in time"),
                )
                .await;
            }
        };
        if let Some(asked) = port.asks() {
            let mut shown = request.headers.all("proxy-authorization");
            let admitted = match (shown.next(), shown.next()) {
                (Some(value), None) => asked.admit_basic(value),
                _ => false,
            };
            if !admitted {
                let reason = "this proxy asks for its own credentials";
                return refuse(client, &Refusal::new(407, reason)).await;
            }
        }
        if request.method == "CONNECT" {
            return connect(port, client, &request).await;
        }
        match send::run(port, &mut client, &request, &mut kept).await {
            Ok(After::More) => {}
            Ok(After::Switch) => {
                return match kept.take() {
                    Some(carrier) => Next::Relay(Box::new(Ready {
                        client,
                        upstream: carrier.wire,
                        route: carrier.route,
                        ticket: carrier.ticket,
                        answered: true,
                    })),
                    None => Next::Closed,
                };
            }
            Ok(After::Close) => return Next::Refused(client),
            Ok(After::Cut) => {
                client.writer().reset_on_close();
                return Next::Closed;
            }
            Err(refusal) => return refuse(client, &refusal).await,
        }
        if client.reader().held().is_empty() {
            let idle = BETWEEN_REQUESTS.min(port.settings().idle_timeout);
            match timeout(idle, client.reader().fill()).await {
                Ok(Ok(1..)) => {}
                _ => return Next::Closed,
            }
        }
    }
}

async fn connect(port: &Arc<Port>, client: Wire, request: &Request) -> Next {
    // A body would be read as the tunnel's first bytes by some and as a body by others.
    let framed = ["content-length", "transfer-encoding"]
        .iter()
        .any(|name| request.headers.all(name).next().is_some());
    if framed {
        return refuse(client, &Refusal::new(400, "CONNECT has no body")).await;
    }
    let Some(target) = Target::parse(&request.target, None) else {
        return refuse(client, &Refusal::new(400, "CONNECT wants host:port")).await;
    };
    let route = port.route();
    match tunnel(port, &route, &target, &port.settings()).await {
        Ok(upstream) => {
            const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
            if client.writer().write_all(ESTABLISHED).await.is_err() {
                return Next::Closed;
            }
            Next::Relay(Box::new(Ready {
                client,
                upstream,
                ticket: route.enter(),
                route,
                answered: false,
            }))
        }
        Err(failure) => refuse(client, &failure.into()).await,
    }
}

async fn refuse(client: Wire, refusal: &Refusal) -> Next {
    let phrase = match refusal.status {
        400 => "Bad Request",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        504 => "Gateway Timeout",
        _ => "Bad Gateway",
    };
    let body = format!("Loopwire: {}\n", refusal.reason);
    let challenge = match refusal.status {
        407 => "Proxy-Authenticate: Basic realm=\"Loopwire\", charset=\"UTF-8\"\r\n",
        _ => "",
    };
    let answer = format!(
        "HTTP/1.1 {} {phrase}\r\n{challenge}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{body}",
        refusal.status,
        body.len(),
    );
    let _ = client.writer().write_all(answer.as_bytes()).await;
    Next::Refused(client)
}
