//! SOCKS5 (RFC 1928, 1929), as the client of a SOCKS5 upstream.

use std::net::IpAddr;

use crate::model::socks5::{
    CONNECT, IPV4, IPV6, NAME, NO_AUTH, NO_METHOD, PASSWORD, PASSWORD_VERSION, VERSION,
};
use crate::model::{Failure, Host, Target};
use crate::socket::BufferedSocket;
use crate::upstream::Upstream;

/// Greeting and authentication: they decide whether the upstream is online.
pub(super) async fn greet(socket: &mut BufferedSocket, upstream: &Upstream) -> Result<(), Failure> {
    let greeting: &[u8] = match upstream.credentials {
        Some(_) => &[VERSION, 2, NO_AUTH, PASSWORD],
        None => &[VERSION, 1, NO_AUTH],
    };
    socket
        .writer()
        .write_all(greeting)
        .await
        .map_err(Failure::during_handshake)?;
    let [version, method] = socket
        .reader()
        .take()
        .await
        .map_err(Failure::during_handshake)?;
    match (version, method, &upstream.credentials) {
        (VERSION, NO_AUTH, _) => Ok(()),
        (VERSION, PASSWORD, Some(credentials)) => {
            let (name, password) = (&credentials.username, &credentials.password);
            let mut message = Vec::with_capacity(3 + name.len() + password.len());
            message.push(PASSWORD_VERSION);
            for part in [name, password] {
                // Longer ones were rejected before.
                message.push(u8::try_from(part.len()).map_err(|_| Failure::SocksAuth)?);
                message.extend_from_slice(part.as_bytes());
            }
            socket
                .writer()
                .write_all(&message)
                .await
                .map_err(Failure::during_handshake)?;
            // RFC 1929 requires version 1; some servers answer 5.
            match socket
                .reader()
                .take()
                .await
                .map_err(Failure::during_handshake)?
            {
                [PASSWORD_VERSION | VERSION, 0] => Ok(()),
                [PASSWORD_VERSION | VERSION, _] => Err(Failure::SocksAuth),
                _ => Err(Failure::Invalid("SOCKS5")),
            }
        }
        (VERSION, NO_METHOD, _) => Err(Failure::SocksAuth),
        _ => Err(Failure::Invalid("SOCKS5")),
    }
}

/// Asks for a tunnel. From here on, a failure is the target's, not the upstream's.
pub(super) async fn connect(socket: &mut BufferedSocket, target: &Target) -> Result<(), Failure> {
    let gone = |_| Failure::TargetClosed;
    let mut request = vec![VERSION, CONNECT, 0];
    match &target.host {
        Host::Ip(IpAddr::V4(ip)) => {
            request.push(IPV4);
            request.extend_from_slice(&ip.octets());
        }
        Host::Ip(IpAddr::V6(ip)) => {
            request.push(IPV6);
            request.extend_from_slice(&ip.octets());
        }
        Host::Name(name) => {
            request.push(NAME);
            request.push(u8::try_from(name.len()).map_err(|_| Failure::Reply(1))?);
            request.extend_from_slice(name.as_bytes());
        }
    }
    request.extend_from_slice(&target.port.to_be_bytes());
    socket.writer().write_all(&request).await.map_err(gone)?;
    let mut reader = socket.reader();
    let [version, code, _, kind] = reader.take().await.map_err(gone)?;
    if version != VERSION {
        return Err(Failure::Invalid("SOCKS5"));
    }
    if code != 0 {
        return Err(Failure::Reply(code));
    }
    // The bound address is read and ignored.
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => {
            let [length] = reader.take().await.map_err(gone)?;
            usize::from(length)
        }
        _ => return Err(Failure::Invalid("SOCKS5")),
    };
    reader.take_vec(length + 2).await.map_err(gone)?;
    Ok(())
}
