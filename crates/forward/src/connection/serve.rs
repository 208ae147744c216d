//! One accepted connection: detects the protocol, and relays once the tunnel is open.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::next::{NextStep, OPENING_TIMEOUT, RelayEnds};
use super::relay::{RelayEnd, RelayTimeouts, relay};
use super::{http_port, socks_port};
use crate::http::{HeadError, skip_empty_lines};
use crate::model::socks5;
use crate::port::Port;
use crate::socket::BufferedSocket;

/// How long, and how many bytes, we read after a refusal, so that the client sees the answer instead of a reset.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 64 << 10;

/// SOCKS4's version byte, and its rejection: an old client hangs without one.
const SOCKS4: u8 = 4;
const SOCKS4_REFUSED: [u8; 8] = [0, 0x5b, 0, 0, 0, 0, 0, 0];

/// Serves one connection from its first byte to its last.
pub(super) async fn serve(port: Arc<Port>, stream: TcpStream) {
    // On Linux it has this from the socket that listens.
    #[cfg(not(target_os = "linux"))]
    let _ = stream.set_nodelay(true);
    // Boxed, so that an idle relay does not hold the state of the opening.
    match Box::pin(open(&port, BufferedSocket::tcp(stream))).await {
        NextStep::Relay(ready) => {
            let RelayEnds {
                client,
                upstream,
                route,
                counted: _counted,
                answered,
            } = *ready;
            let settings = port.settings();
            let timeouts = RelayTimeouts {
                first_byte: (!answered).then_some(settings.first_byte_timeout),
                idle: settings.idle_timeout,
            };
            drop(settings);
            let end = relay(client, upstream, &route.meter, timeouts).await;
            if end != RelayEnd::Closed {
                port.log(|| {
                    format!(
                        "a connection through {} ended: {end}",
                        route.assignment.upstream
                    )
                });
            }
        }
        NextStep::Refused(socket) => linger(socket).await,
        NextStep::Closed => {}
    }
}

async fn open(port: &Arc<Port>, mut client: BufferedSocket) -> NextStep {
    let mut reader = client.reader();
    match timeout(OPENING_TIMEOUT, skip_empty_lines(&mut reader)).await {
        Ok(Ok(())) => {}
        Ok(Err(HeadError::Invalid)) if port.accept().http() => {
            return http_port::reject_invalid(client).await;
        }
        _ => return NextStep::Closed,
    }
    match reader.held()[0] {
        socks5::VERSION if port.accept().socks5() => socks_port::serve(port, client).await,
        SOCKS4 => {
            port.log(|| {
                "a SOCKS4 client was refused: only SOCKS5 and HTTP are supported".to_owned()
            });
            let _ = client.writer().write_all(&SOCKS4_REFUSED).await;
            NextStep::Refused(client)
        }
        byte if byte.is_ascii_alphabetic() && port.accept().http() => {
            http_port::serve(port, client).await
        }
        _ => {
            port.log(|| "a client was refused: this port does not accept its protocol".to_owned());
            NextStep::Refused(client)
        }
    }
}

async fn linger(mut socket: BufferedSocket) {
    let drained = async {
        socket.shutdown().await?;
        let mut left = LINGER_BYTES;
        let mut reader = socket.reader();
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
