//! One direction of a relay: bytes are copied from one socket to the other, or spliced if there are many.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::Instant;

use super::scratch::with_scratch;
use super::splice::{Moved, Pipe};
use super::tls::TlsSocket;

/// A flow is bulk, and gets a pipe if one is free, when it has moved this much in this time (4 MB/s): what copying it
/// costs is many times what a pipe does, and slower flows leave the pipes to others.
const BULK_BYTES: usize = 1 << 20;
const BULK_TIME: Duration = Duration::from_millis(250);

/// And so much by each read, on average. Splicing takes as many system calls as copying: small pieces gain nothing.
const BULK_READ: usize = 16 << 10;

/// One half of a socket, and the TCP stream if it is plain TCP.
pub(crate) trait Half {
    fn tcp(&self) -> Option<&TcpStream>;
}

impl Half for ReadHalf<'_> {
    fn tcp(&self) -> Option<&TcpStream> {
        Some(self.as_ref())
    }
}

impl Half for WriteHalf<'_> {
    fn tcp(&self) -> Option<&TcpStream> {
        Some(self.as_ref())
    }
}

impl Half for &TlsSocket {
    fn tcp(&self) -> Option<&TcpStream> {
        None
    }
}

/// One direction, from one socket to the other.
#[derive(Debug)]
pub(crate) struct Direction {
    /// Read, but not written to the receiver yet. Allocated only while the receiver is full.
    rest: BytesMut,
    /// Written to the receiver, but perhaps not to its socket: TLS buffers some.
    unflushed: usize,
    /// The sender has ended.
    ended: bool,
    /// The receiver has been told.
    done: bool,
    /// The kernel cannot splice these sockets.
    copies: bool,
    /// The pipe that a bulk flow uses instead of the buffer.
    pipe: Option<Box<Pipe>>,
    /// Bytes moved since then: in this measurement of a copied flow, or since the last tick of a spliced one.
    recent: usize,
    /// By so many reads; unused while the flow is spliced.
    reads: usize,
    since: Instant,
}

impl Direction {
    pub(crate) fn new(rest: BytesMut) -> Self {
        Self {
            rest,
            unflushed: 0,
            ended: false,
            done: false,
            copies: false,
            pipe: None,
            recent: 0,
            reads: 0,
            since: Instant::now(),
        }
    }

    /// Moves all that can be moved. Ready when the sender has ended and the receiver has been told. The `last`
    /// direction leaves it to the caller to tell the receiver, by closing both sockets at once: all that came from the
    /// receiver has been read, so that closing is an end, and no reset.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut (impl AsyncRead + Half + Unpin),
        to: &mut (impl AsyncWrite + Half + Unpin),
        last: bool,
        mut moved: impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        let result = self.poll_all(cx, from, to, last, &mut moved);
        if matches!(result, Poll::Ready(Err(_))) {
            // Bytes that the receiver took before the error still count.
            let _ = self.poll_flush(cx, to, &mut moved);
        }
        result
    }

    fn poll_all(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut (impl AsyncRead + Half + Unpin),
        to: &mut (impl AsyncWrite + Half + Unpin),
        last: bool,
        moved: &mut impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        loop {
            if self.done {
                return Poll::Ready(Ok(()));
            }
            while !self.rest.is_empty() {
                let written = Pin::new(&mut *to).poll_write(cx, &self.rest);
                let Poll::Ready(count) = written else {
                    return self.poll_flush(cx, to, moved);
                };
                let count = count?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.unflushed += count;
                self.rest.advance(count);
                if self.rest.is_empty() {
                    self.rest = BytesMut::new();
                }
            }
            if self.ended {
                let _ = self.poll_flush(cx, to, moved)?;
                // TLS has an end of its own, which closing does not send.
                if !last || to.tcp().is_none() {
                    // The receiver may have closed already; that is no error here.
                    let _ = ready!(Pin::new(&mut *to).poll_shutdown(cx));
                }
                self.done = true;
                self.pipe = None;
                return Poll::Ready(Ok(()));
            }
            if let (Some(pipe), Some(source), Some(sink)) = (&mut self.pipe, from.tcp(), to.tcp()) {
                // Copied earlier; TCP buffers nothing here.
                moved(std::mem::take(&mut self.unflushed));
                match ready!(pipe.poll_move(cx, source, sink))? {
                    Moved::Bytes(count) => {
                        self.recent += count;
                        moved(count);
                        // Others have their turn after each move. Meanwhile the socket fills, and the next move is larger.
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Moved::End => self.ended = true,
                    Moved::Unable => (self.pipe, self.copies) = (None, true),
                }
            } else if self.poll_copy(cx, from, to)?.is_pending() {
                return self.poll_flush(cx, to, moved);
            }
        }
    }

    /// Counts copied bytes, and opens a pipe if they were many in a short time, and came in large pieces.
    fn count_bulk(&mut self, count: usize) {
        self.recent += count;
        self.reads += 1;
        if self.recent < BULK_BYTES || self.copies {
            return;
        }
        if self.recent / self.reads >= BULK_READ && self.since.elapsed() <= BULK_TIME {
            self.pipe = Pipe::open();
        }
        self.measure();
    }

    /// Begins a measurement of a copied flow.
    fn measure(&mut self) {
        (self.recent, self.reads) = (0, 0);
        self.since = Instant::now();
    }

    /// The sender has ended and the receiver has been told.
    pub(crate) const fn is_done(&self) -> bool {
        self.done
    }

    /// Whether it reads from its sender now: it waits neither for the receiver nor for the other direction's end.
    /// Only then it sees the sender fail.
    pub(crate) fn is_reading(&self) -> bool {
        !self.ended && self.rest.is_empty() && self.pipe.as_ref().is_none_or(|pipe| pipe.is_empty())
    }

    /// Whether it has a pipe.
    pub(crate) const fn is_bulk(&self) -> bool {
        self.pipe.is_some()
    }

    /// Closes the pipe if little has gone through it since the last tick; true if it is kept.
    pub(crate) fn tick(&mut self) -> bool {
        let slow = std::mem::take(&mut self.recent) < BULK_BYTES;
        if slow && self.pipe.as_ref().is_some_and(|pipe| pipe.is_empty()) {
            self.pipe = None;
            self.measure();
        }
        self.pipe.is_some()
    }

    /// One read, and at once one write of the same bytes.
    fn poll_copy(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut (impl AsyncRead + Half + Unpin),
        to: &mut (impl AsyncWrite + Half + Unpin),
    ) -> Poll<io::Result<()>> {
        let plain = from.tcp().is_some() && to.tcp().is_some();
        with_scratch(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(Pin::new(from).poll_read(cx, &mut buffer))?;
            let bytes = buffer.filled();
            if bytes.is_empty() {
                self.ended = true;
                return Poll::Ready(Ok(()));
            }
            let count = match Pin::new(to).poll_write(cx, bytes) {
                Poll::Ready(result) => result?,
                Poll::Pending => 0,
            };
            self.unflushed += count;
            if count < bytes.len() {
                self.rest = BytesMut::from(&bytes[count..]);
            }
            if plain {
                self.count_bulk(bytes.len());
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Flushes what TLS buffers, and counts it. On success always pending: it is called when nothing more can be
    /// done.
    fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        to: &mut (impl AsyncWrite + Unpin),
        moved: &mut impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        if self.unflushed > 0 {
            ready!(Pin::new(to).poll_flush(cx))?;
            moved(std::mem::take(&mut self.unflushed));
        }
        Poll::Pending
    }
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Two ends of one connection.
    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (one, other) = tokio::join!(TcpStream::connect(address), listener.accept());
        (one.unwrap(), other.unwrap().0)
    }

    #[tokio::test]
    async fn a_bulk_flow_is_spliced_completely_and_counted_as_the_receiver_takes_it() {
        const SIZE: usize = 8 << 20;
        let (mut sender, mut from) = pair().await;
        let (mut to, mut receiver) = pair().await;
        let sent: Vec<u8> = (0..SIZE)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect();
        let copy = sent.clone();
        let sending = tokio::spawn(async move {
            sender.write_all(&copy).await.unwrap();
            sender.shutdown().await.unwrap();
            sender
        });
        let (mut direction, mut count) = (Direction::new(BytesMut::from(&b"early"[..])), 0);
        direction.pipe = Pipe::open();
        assert!(direction.is_bulk());
        let (mut read, _) = from.split();
        let (_, mut write) = to.split();
        // The receiver reads nothing yet: the pipe and the sockets fill, and only what was taken is counted.
        let full = tokio::time::timeout(
            Duration::from_millis(300),
            poll_fn(|cx| direction.poll(cx, &mut read, &mut write, false, |more| count += more)),
        );
        assert!(full.await.is_err());
        let early = count;
        assert!(early < SIZE, "{early}");
        let mut got = vec![0; early];
        receiver.read_exact(&mut got).await.unwrap();
        assert!(got[..5] == b"early"[..] && got[5..] == sent[..early - 5]);
        let receiving = tokio::spawn(async move {
            receiver.read_to_end(&mut got).await.unwrap();
            got
        });
        poll_fn(|cx| direction.poll(cx, &mut read, &mut write, false, |more| count += more))
            .await
            .unwrap();
        let got = receiving.await.unwrap();
        assert!(got[5..] == sent);
        assert_eq!(count, SIZE + 5);
        assert!(!direction.is_bulk(), "given back");
        drop(sending.await.unwrap());
    }

    #[tokio::test]
    async fn a_fast_flow_gets_a_pipe_and_a_slow_one_loses_it() {
        let mut direction = Direction::new(BytesMut::new());
        direction.count_bulk(BULK_BYTES - 1);
        assert!(!direction.is_bulk());
        direction.count_bulk(1);
        assert!(direction.is_bulk());
        direction.recent = BULK_BYTES;
        assert!(direction.tick(), "it has moved a run");
        assert!(!direction.tick());
        direction.since = Instant::now().checked_sub(BULK_TIME * 2).unwrap();
        direction.count_bulk(BULK_BYTES);
        assert!(!direction.is_bulk(), "too slow");
        for _ in 0..BULK_BYTES / (BULK_READ - 1) + 1 {
            direction.count_bulk(BULK_READ - 1);
        }
        assert!(!direction.is_bulk(), "in small pieces");
    }
}
