//! TCP to a host with several addresses of both families: attempts start one after the other, and the first that
//! connects wins (RFC 8305).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::model::{DialError, Host, Target};
use crate::socket;

/// How long an attempt runs before the next one starts beside it: what RFC 8305 (section 5) recommends.
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to the host, resolved if it is a name.
pub(super) async fn connect(to: &Target) -> Result<TcpStream, DialError> {
    match &to.host {
        Host::Ip(ip) => attempt(SocketAddr::new(*ip, to.port)).await,
        Host::Name(name) => {
            let found = lookup_host((name.as_str(), to.port)).await;
            let addresses = found.map_err(|error| DialError::lookup(name, error))?;
            first(name, interleaved(addresses.collect())).await
        }
    }
}

/// The first attempt that succeeds; the others are dropped. If none does, the last error.
async fn first(name: &str, addresses: Vec<SocketAddr>) -> Result<TcpStream, DialError> {
    if let [only] = addresses[..] {
        return attempt(only).await;
    }
    let none = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let mut last = DialError::lookup(name, none);
    let mut attempts = FuturesUnordered::new();
    for address in addresses {
        attempts.push(attempt(address));
        match timeout(STAGGER, attempts.next()).await {
            Ok(Some(Ok(stream))) => return Ok(stream),
            // After a failure the next attempt starts at once.
            Ok(Some(Err(error))) => last = error,
            Ok(None) | Err(_) => {}
        }
    }
    while let Some(result) = attempts.next().await {
        match result {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Alternates between the families, starting with the one that the system put first; the order within a family is
/// kept.
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut mixed = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        match (first.next(), second.next()) {
            (None, None) => return mixed,
            (one, other) => mixed.extend(one.into_iter().chain(other)),
        }
    }
}

async fn attempt(address: SocketAddr) -> Result<TcpStream, DialError> {
    let connected = connected(address).await;
    connected.map_err(|error| DialError::connect(address, error))
}

async fn connected(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = socket::connect(address).await?;
    // Dialling a closed local port may connect to itself: TCP allows a socket to connect to its own port.
    if stream.local_addr()? == address {
        let _ = stream.set_zero_linger();
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use std::time::Instant;

    use tokio::net::TcpListener;
    #[cfg(target_os = "linux")]
    use tokio::net::TcpSocket;

    use super::*;

    async fn good() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").await.unwrap()
    }

    /// An address that refuses connections.
    async fn refused() -> SocketAddr {
        good().await.local_addr().unwrap()
    }

    /// An address that does not answer: its accept queue is full.
    #[cfg(target_os = "linux")]
    async fn black_hole() -> (TcpListener, Vec<TcpStream>, SocketAddr) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) = timeout(STAGGER, TcpStream::connect(address)).await {
            waiting.push(stream.unwrap());
        }
        (listener, waiting, address)
    }

    #[tokio::test]
    async fn after_a_refused_address_the_next_one_is_tried_at_once() {
        let listener = good().await;
        let address = listener.local_addr().unwrap();
        let begun = Instant::now();
        let stream = first("a", vec![refused().await, refused().await, address])
            .await
            .unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
        assert!(begun.elapsed() < STAGGER, "{:?}", begun.elapsed());
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn a_silent_address_does_not_delay_the_next_one() {
        let (_full, _waiting, silent) = black_hole().await;
        let listener = good().await;
        let address = listener.local_addr().unwrap();
        let begun = Instant::now();
        let stream = first("a", vec![silent, address]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
        assert!(begun.elapsed() >= STAGGER, "{:?}", begun.elapsed());
        // The kernel would retry the first one after a second.
        assert!(begun.elapsed() < STAGGER * 3, "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn without_a_success_the_last_error_is_returned() {
        let error = first("a", vec![refused().await, refused().await])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let error = first("a", Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn address_families_alternate() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"].map(at);
        let wanted = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"].map(at);
        assert_eq!(interleaved(given.to_vec()), wanted);
        assert_eq!(interleaved(Vec::new()), []);
    }
}
