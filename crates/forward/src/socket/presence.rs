//! Whether the peer of a connection is still there while nobody reads from it.

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{AsyncRead, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::buffered::{BufferedSocket, Socket, Writer};

/// How long a peer that has sent its end may go on waiting before it counts as gone. One second: a program that only
/// half closes (`printf … | nc -N`) gets an answer that begins in this time, and an abandoned request is given up
/// soon.
const HALF_CLOSED_PATIENCE: Duration = Duration::from_secs(1);

/// How often the end, on Windows also a failure, is looked for behind unread bytes where the system does not report it.
#[cfg(not(target_os = "linux"))]
const LOOK: Duration = Duration::from_millis(500);

/// What the system reports about a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Departure {
    /// It has sent its end, perhaps behind unread bytes. It may still read.
    Ended,
    /// The connection failed.
    Failed,
}

impl Writer<'_> {
    /// Resolves when the peer is gone: the connection failed; or the peer has sent its end, and in the time after
    /// that nothing could be written to it. Reads nothing, so bytes that wait to be read stay. Only for plain TCP.
    pub(crate) async fn departed(self) {
        let Socket::Tcp(stream) = self.socket else {
            return pending().await;
        };
        if !self.presence.reads_on.load(Relaxed) {
            if departure(stream).await == Departure::Failed {
                return;
            }
            let before = self.presence.written.load(Relaxed);
            if timeout(HALF_CLOSED_PATIENCE, failure(stream)).await.is_ok() {
                return;
            }
            // A program that is gone would have reset the connection; one that reads slowly has not.
            let taken = self.presence.written.load(Relaxed) > before;
            let full = stream.writable().now_or_never().is_none();
            if !taken && !full {
                return;
            }
            self.presence.reads_on.store(true, Relaxed);
        }
        failure(stream).await;
    }

    /// Resolves when the connection has failed. A peer that has only sent its end has not.
    pub(crate) async fn failed(self) {
        match self.socket {
            Socket::Tcp(stream) => failure(stream).await,
            Socket::Tls(_) => pending().await,
        }
    }
}

impl BufferedSocket {
    /// Resolves when an idle connection can no longer be used: the peer has ended it.
    pub(crate) async fn ended(&self) {
        match self.writer().socket {
            Socket::Tcp(stream) => drop(departure(stream).await),
            Socket::Tls(tls) => {
                let mut byte = [0];
                // Whatever comes while nothing was asked for makes it useless.
                let _ =
                    poll_fn(|cx| Pin::new(&mut &**tls).poll_read(cx, &mut ReadBuf::new(&mut byte)))
                        .await;
            }
        }
    }
}

/// Whether the connection is known to have failed. Asks the system nothing.
#[cfg(not(windows))]
pub(crate) fn has_failed(stream: &TcpStream) -> bool {
    failure(stream).now_or_never().is_some()
}

/// Whether the connection is known to have failed. Asks the system nothing. For Windows only a connect can fail: a reset
/// is there the end of both directions, and nothing but a failure ends the one in which we write.
#[cfg(windows)]
pub(crate) fn has_failed(stream: &TcpStream) -> bool {
    let ready = stream.ready(Interest::WRITABLE.add(Interest::ERROR));
    ready.now_or_never().is_some_and(|ready| {
        ready.map_or(true, |ready| ready.is_write_closed() || ready.is_error())
    })
}

/// Resolves when the connection has failed. A socket is mostly writable, so its failure cannot be waited for.
#[cfg(windows)]
async fn failure(stream: &TcpStream) {
    while !has_failed(stream) {
        tokio::time::sleep(LOOK).await;
    }
}

/// Resolves when the connection has failed.
#[cfg(not(windows))]
async fn failure(stream: &TcpStream) {
    // An error here means that the runtime ends.
    let _ = stream.ready(Interest::ERROR).await;
}

/// Resolves when the peer has sent its end or the connection has failed. The end is seen behind unread bytes.
#[cfg(target_os = "linux")]
async fn departure(stream: &TcpStream) -> Departure {
    // Priority data is not waited for, because the socket is not registered for it; but this interest, unlike the
    // one in reading, waits for the end alone.
    let waited = Interest::PRIORITY.add(Interest::ERROR);
    match stream.ready(waited).await {
        Ok(ready) if !ready.is_error() => Departure::Ended,
        _ => Departure::Failed,
    }
}

/// The same where reading is the only way to wait for the end: behind unread bytes it is looked for now and then.
#[cfg(not(target_os = "linux"))]
async fn departure(stream: &TcpStream) -> Departure {
    loop {
        match stream.ready(Interest::READABLE.add(Interest::ERROR)).await {
            // On Windows a failure is an end, too.
            Ok(ready) if ready.is_error() || has_failed(stream) => return Departure::Failed,
            Ok(ready) if ready.is_read_closed() => return Departure::Ended,
            Ok(_) => tokio::time::sleep(LOOK).await,
            Err(_) => return Departure::Failed,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;

    async fn pair() -> (TcpStream, BufferedSocket) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (one, other) = tokio::join!(TcpStream::connect(address), listener.accept());
        (one.unwrap(), BufferedSocket::tcp(other.unwrap().0))
    }

    #[tokio::test]
    async fn a_reset_is_seen_at_once_behind_unread_bytes() {
        let (mut peer, socket) = pair().await;
        peer.write_all(b"unread").await.unwrap();
        peer.set_zero_linger().unwrap();
        drop(peer);
        let begun = Instant::now();
        socket.writer().departed().await;
        assert!(begun.elapsed() < HALF_CLOSED_PATIENCE);
    }

    #[tokio::test]
    async fn a_reset_after_the_end_is_seen() {
        let (mut peer, socket) = pair().await;
        peer.shutdown().await.unwrap();
        let waited = timeout(HALF_CLOSED_PATIENCE / 2, socket.writer().failed()).await;
        assert!(waited.is_err(), "an end is no failure");
        peer.set_zero_linger().unwrap();
        drop(peer);
        let waited = timeout(HALF_CLOSED_PATIENCE, socket.writer().failed()).await;
        assert!(waited.is_ok());
    }

    #[tokio::test]
    async fn an_end_is_seen_behind_unread_bytes_and_they_can_be_read() {
        let (mut peer, mut socket) = pair().await;
        peer.write_all(b"unread").await.unwrap();
        peer.shutdown().await.unwrap();
        let begun = Instant::now();
        socket.writer().departed().await;
        assert!(begun.elapsed() >= HALF_CLOSED_PATIENCE);
        let bytes = socket.reader().take_vec(6).await.unwrap();
        assert_eq!(bytes, b"unread");
    }

    #[tokio::test]
    async fn a_peer_that_takes_bytes_after_its_end_stays() {
        let (mut peer, socket) = pair().await;
        peer.shutdown().await.unwrap();
        let writing = async {
            // Longer than it may take to see the end, where it is only looked for.
            tokio::time::sleep(HALF_CLOSED_PATIENCE * 3 / 4).await;
            socket.writer().write_all(b"x").await.unwrap();
            tokio::time::sleep(HALF_CLOSED_PATIENCE * 2).await;
        };
        tokio::select! {
            () = writing => {}
            () = socket.writer().departed() => panic!("it counts as gone"),
        }
    }

    #[tokio::test]
    async fn unread_bytes_alone_are_no_departure() {
        let (mut peer, socket) = pair().await;
        peer.write_all(b"unread").await.unwrap();
        let waited = timeout(HALF_CLOSED_PATIENCE * 2, socket.writer().departed()).await;
        assert!(waited.is_err());
        drop(peer);
    }
}
