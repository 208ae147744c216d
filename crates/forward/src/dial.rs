//! The way to a target: TCP to the upstream, then its handshake, each with a time of its own.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::settings::Settings;
use crate::target::{Host, Target};
use crate::upstream::{Protocol, Upstream};
use crate::wire::Wire;
use crate::{connect, socks};

/// A tunnel to `target` through the upstream. Never past it: only `direct` connects to the target itself.
pub(crate) async fn tunnel(
    upstream: &Upstream,
    target: &Target,
    settings: &Settings,
) -> Result<Wire, Failure> {
    let mut wire = reach(upstream, target, settings).await?;
    match upstream.protocol {
        Protocol::Direct => {}
        Protocol::Http => {
            within(
                settings.handshake_timeout,
                connect::tunnel(&mut wire, upstream, target),
            )
            .await?;
        }
        Protocol::Socks5 => {
            within(
                settings.handshake_timeout,
                socks::greet(&mut wire, upstream),
            )
            .await?;
            timeout(
                settings.handshake_timeout,
                socks::connect(&mut wire, target),
            )
            .await
            .unwrap_or(Err(Failure::TargetSilent))?;
        }
    }
    Ok(wire)
}

/// TCP to where bytes for `target` have to go first: the upstream, or with `direct` the target.
pub(crate) async fn reach(
    upstream: &Upstream,
    target: &Target,
    settings: &Settings,
) -> Result<Wire, Failure> {
    match &upstream.address {
        Some(address) => match timeout(settings.connect_timeout, tcp(address)).await {
            Ok(Ok(stream)) => Ok(Wire::new(stream)),
            Ok(Err(error)) => Err(Failure::Unreachable(error)),
            Err(_) => Err(Failure::DialTimeout),
        },
        None => match timeout(settings.connect_timeout, tcp(target)).await {
            Ok(Ok(stream)) => Ok(Wire::new(stream)),
            Ok(Err(error)) => Err(Failure::Target(error)),
            Err(_) => Err(Failure::TargetTimeout),
        },
    }
}

/// The handshake alone, as SDK.md defines it ("Online means"). Nothing stays open.
pub(crate) async fn check(
    upstream: &Upstream,
    settings: &Settings,
    probe: Option<&Target>,
) -> Result<(), Failure> {
    let Some(address) = &upstream.address else {
        // Without an upstream there is nothing that could be offline.
        return Ok(());
    };
    let mut wire = reach(upstream, address, settings).await?;
    within(settings.handshake_timeout, async {
        match upstream.protocol {
            Protocol::Socks5 => socks::greet(&mut wire, upstream).await,
            _ => match probe {
                Some(probe) => connect::tunnel(&mut wire, upstream, probe).await,
                None => match connect::tunnel(&mut wire, upstream, address).await {
                    // It answered: what it thinks of connecting to itself does not matter. But a 401 to
                    // CONNECT is the proxy's own: tinyproxy says so where RFC 9110 (15.5.8) has 407.
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

async fn tcp(to: &Target) -> io::Result<TcpStream> {
    let stream = match &to.host {
        Host::Ip(ip) => TcpStream::connect(SocketAddr::new(*ip, to.port)).await?,
        Host::Name(name) => TcpStream::connect((name.as_str(), to.port)).await?,
    };
    // Dialling a dead port of this machine may meet itself: TCP allows a socket to connect to its own port.
    if stream.local_addr()? == stream.peer_addr()? {
        let _ = stream.set_zero_linger();
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// An I/O error in the middle of a handshake: whatever it is called, the connection is gone.
pub(crate) fn cut(_: io::Error) -> Failure {
    Failure::Closed
}
