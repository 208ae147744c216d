//! Connects to a target: TCP to the upstream, TLS if needed, then the handshake, each with a timeout of its own.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::timeout;

use super::own_ports::leads_back;
use super::{connect, eyeballs, socks};
use crate::model::{Failure, Target};
use crate::socket::{BufferedSocket, tls_handshake};
use crate::upstream::{Protocol, Settings, Upstream};

/// A tunnel to `target` through the upstream, for the local port `from` and a client that has come through the proxies
/// `via`. Never around it: only `direct` connects to the target itself.
pub(crate) async fn tunnel(
    from: Option<SocketAddr>,
    upstream: &Upstream,
    target: &Target,
    via: &[u8],
    settings: &Settings,
) -> Result<BufferedSocket, Failure> {
    let mut socket = reach(from, upstream, target, settings).await?;
    if upstream.protocol == Protocol::Direct {
        return Ok(socket);
    }
    let mut shaking = Shaking {
        socket: &mut socket,
        done: false,
    };
    let result = shake(shaking.socket, upstream, target, via, settings).await;
    shaking.done = true;
    drop(shaking);
    result.map(|()| socket)
}

/// A handshake under way. Dropped in that time, because the client has left, it resets the socket: an upstream may
/// take an end for a half close, and go on.
struct Shaking<'a> {
    socket: &'a mut BufferedSocket,
    done: bool,
}

impl Drop for Shaking<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.socket.writer().reset_on_close();
        }
    }
}

/// The proxy's handshake, up to the tunnel.
async fn shake(
    socket: &mut BufferedSocket,
    upstream: &Upstream,
    target: &Target,
    via: &[u8],
    settings: &Settings,
) -> Result<(), Failure> {
    let limit = settings.handshake_timeout;
    match upstream.protocol {
        Protocol::Direct => Ok(()),
        Protocol::Http | Protocol::Https => {
            within(limit, connect::tunnel(socket, upstream, target, via)).await
        }
        Protocol::Socks5 => {
            within(limit, socks::greet(socket, upstream)).await?;
            timeout(limit, socks::connect(socket, target))
                .await
                .unwrap_or(Err(Failure::TargetSilent))
        }
    }
}

/// A connection to the first hop for `target`: the upstream, or with `direct` the target. An upstream that leads back
/// to the port `from`, or in a circle, is not connected to.
pub(crate) async fn reach(
    from: Option<SocketAddr>,
    upstream: &Upstream,
    target: &Target,
    settings: &Settings,
) -> Result<BufferedSocket, Failure> {
    let Some(address) = &upstream.address else {
        return match timeout(settings.connect_timeout, eyeballs::connect(target)).await {
            Ok(Ok(stream)) => Ok(BufferedSocket::tcp(stream)),
            Ok(Err(error)) => Err(Failure::Target(error)),
            Err(_) => Err(Failure::TargetTimeout),
        };
    };
    let connecting = async {
        if leads_back(from, address).await {
            return Err(Failure::Loop);
        }
        eyeballs::connect(address)
            .await
            .map_err(Failure::Unreachable)
    };
    let stream = timeout(settings.connect_timeout, connecting)
        .await
        .unwrap_or(Err(Failure::DialTimeout))?;
    if upstream.protocol != Protocol::Https {
        return Ok(BufferedSocket::tcp(stream));
    }
    let own = upstream.ca.as_deref();
    // Boxed, so that upstreams without TLS do not hold its state.
    let shaking = Box::pin(tls_handshake(stream, address, own, &settings.trust));
    timeout(settings.handshake_timeout, shaking)
        .await
        .unwrap_or(Err(Failure::Silent))
        .map(BufferedSocket::tls)
}

/// Only the handshake, which decides whether the upstream is online: with a probe target, an HTTP upstream must reach
/// it. The connection is closed afterwards.
pub(crate) async fn check(
    upstream: &Upstream,
    probe: Option<&Target>,
    settings: &Settings,
) -> Result<(), Failure> {
    let Some(address) = &upstream.address else {
        // With `direct` nothing can be offline.
        return Ok(());
    };
    let mut socket = reach(None, upstream, address, settings).await?;
    within(settings.handshake_timeout, async {
        match upstream.protocol {
            Protocol::Socks5 => socks::greet(&mut socket, upstream).await,
            _ => match probe {
                Some(probe) => connect::tunnel(&mut socket, upstream, probe, &[]).await,
                None => match connect::tunnel(&mut socket, upstream, address, &[]).await {
                    // It answered; whether it connects to itself does not matter. But a 401 to CONNECT is the proxy's
                    // own: tinyproxy sends it where RFC 9110 (15.5.8) has 407.
                    Err(Failure::Status(status)) if status != 401 => Ok(()),
                    result => result,
                },
            },
        }
    })
    .await
}

async fn within(
    time: Duration,
    step: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    timeout(time, step).await.unwrap_or(Err(Failure::Silent))
}
