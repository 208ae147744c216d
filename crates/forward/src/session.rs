//! One accepted connection: which protocol it speaks, and the relay once there is a way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::counters::Ticket;
use crate::failure::Failure;
use crate::link::{Link, Meter};
use crate::port::Port;
use crate::relay::{End, Patience, relay};
use crate::settings::Settings;
use crate::target::Target;
use crate::wire::Wire;
use crate::{dial, http_port, socks, socks_port};

/// How long a client may take to say what it wants. Ten seconds: as long as the slowest dial.
pub(crate) const OPENING: Duration = Duration::from_secs(10);

/// How long, and for how many bytes, we go on reading after a refusal, so that the client gets to see it
/// instead of a reset.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 64 << 10;

/// SOCKS4's version byte, and its refusal: an old client hangs without one.
const SOCKS4: u8 = 4;
const SOCKS4_REFUSED: [u8; 8] = [0, 0x5b, 0, 0, 0, 0, 0, 0];

/// What follows once a client has said what it wants.
pub(crate) enum Next {
    /// Bytes both ways.
    Relay(Box<Ready>),
    /// The client was refused: let it read that.
    Refused(Wire),
    /// Nothing.
    Closed,
}

/// Both ends of a relay to come.
pub(crate) struct Ready {
    pub(crate) client: Wire,
    pub(crate) upstream: Wire,
    pub(crate) route: Route,
    /// Counts the connection at its upstream.
    pub(crate) ticket: Ticket,
    /// The target has spoken already: it may be silent as long as it likes.
    pub(crate) answered: bool,
}

/// The upstream a connection or request uses, and where its bytes are counted.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) link: Arc<Link>,
    pub(crate) meter: Meter,
}

impl Route {
    /// Counts a connection in at its upstream.
    pub(crate) fn enter(&self) -> Ticket {
        self.link.record.connections.count()
    }
}

/// Serves one connection from its first byte to its last.
pub(crate) async fn serve(port: Arc<Port>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    // What opening takes is boxed, so that an idle relay does not carry it along.
    match Box::pin(open(&port, Wire::tcp(stream))).await {
        Next::Relay(ready) => {
            let Ready {
                client,
                upstream,
                route,
                ticket: _ticket,
                answered,
            } = *ready;
            let settings = port.settings();
            let patience = Patience {
                first_byte: (!answered).then_some(settings.first_byte_timeout),
                idle: settings.idle_timeout,
            };
            drop(settings);
            let end = relay(client, upstream, &route.meter, patience).await;
            if end != End::Closed {
                port.log(|| format!("a connection through {} ended: {end}", route.link.upstream));
            }
        }
        Next::Refused(wire) => linger(wire).await,
        Next::Closed => {}
    }
}

async fn open(port: &Arc<Port>, mut client: Wire) -> Next {
    let mut reader = client.reader();
    let Ok(Ok(())) = timeout(OPENING, reader.need(1)).await else {
        return Next::Closed;
    };
    match reader.held()[0] {
        socks::VERSION if port.accept().socks5() => socks_port::serve(port, client).await,
        SOCKS4 => {
            port.log(|| "a SOCKS4 client was refused: only SOCKS5 and HTTP are spoken".to_owned());
            let _ = client.writer().write_all(&SOCKS4_REFUSED).await;
            Next::Refused(client)
        }
        byte if byte.is_ascii_alphabetic() && port.accept().http() => {
            http_port::serve(port, client).await
        }
        _ => {
            port.log(|| "a client was refused: it does not speak what this port accepts".to_owned());
            Next::Refused(client)
        }
    }
}

/// A tunnel through the port's upstream; what that taught about the upstream is noted.
pub(crate) async fn tunnel(
    port: &Port,
    route: &Route,
    target: &Target,
    settings: &Settings,
) -> Result<Wire, Failure> {
    let begun = Instant::now();
    let result = dial::tunnel(&route.link.upstream, target, settings).await;
    note(port, &route.link, result.as_ref().err(), begun.elapsed());
    if let Err(failure) = &result {
        port.log(|| format!("{target} through {}: {failure}", route.link.upstream));
    }
    result
}

/// Notes what a connection of real traffic taught about the upstream.
pub(crate) fn note(port: &Port, link: &Link, failure: Option<&Failure>, took: Duration) {
    port.health.note(link, failure, took);
}

async fn linger(mut wire: Wire) {
    let drained = async {
        wire.shutdown().await?;
        let mut left = LINGER_BYTES;
        let mut reader = wire.reader();
        while left > 0 {
            match reader.fill().await? {
                0 => break,
                count => {
                    reader.consume(reader.held().len());
                    left = left.saturating_sub(count);
                }
            }
        }
        Ok(())
    };
    let _: Result<std::io::Result<()>, _> = timeout(LINGER, drained).await;
}
