//! The relay: bytes both ways between two sockets until both are done, one breaks, or nothing moves.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::link::Meter;

/// What one read takes: large enough that bulk traffic is not made of system calls.
const BULK: usize = 64 << 10;

/// How long the other direction may be silent once one has ended. A minute: answers that are still being
/// made get through, and a peer that never closes its side does not leave a socket in CLOSE_WAIT.
const HALF_CLOSED_IDLE: Duration = Duration::from_secs(60);

thread_local! {
    /// The one buffer of this thread. It holds bytes only within a single poll, so that ten thousand idle
    /// connections have no buffer at all.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; BULK].into_boxed_slice());
}

/// How a relay came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Both sides closed in good order.
    Closed,
    /// One side broke; the other was told by a reset too, so that it does not take a torso for the whole.
    Broken,
    /// Nothing moved for too long.
    Idle,
    /// Another upstream took over, and the port's rules end what used the old one.
    Cut,
}

/// The way from one socket to the other.
#[derive(Debug)]
struct Way {
    /// Read, but not taken by the receiver yet. Allocated only while the receiver is full.
    rest: BytesMut,
    /// The sender has no more.
    ended: bool,
    /// The receiver knows.
    done: bool,
}

impl Way {
    const fn new(rest: BytesMut) -> Self {
        Self {
            rest,
            ended: false,
            done: false,
        }
    }

    /// Moves what can be moved. Ready once the receiver knows that the sender has ended.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
        mut moved: impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        loop {
            if self.done {
                return Poll::Ready(Ok(()));
            }
            while !self.rest.is_empty() {
                let count = ready!(Pin::new(&mut *to).poll_write(cx, &self.rest))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                moved(count);
                self.rest.advance(count);
                if self.rest.is_empty() {
                    self.rest = BytesMut::new();
                }
            }
            if self.ended {
                // A receiver that has gone meanwhile cannot be told, and need not be.
                let _ = ready!(Pin::new(&mut *to).poll_shutdown(cx));
                self.done = true;
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_move(cx, from, to, &mut moved))?;
        }
    }

    /// One read, and at once one write of it.
    fn poll_move(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
        moved: &mut impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        BUFFER.with_borrow_mut(|buffer| {
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
            moved(count);
            if count < bytes.len() {
                self.rest = BytesMut::from(&bytes[count..]);
            }
            Poll::Ready(Ok(()))
        })
    }
}

/// Relays until the end. The early bytes are what had been read too far on each side while the connection
/// was made.
pub(crate) async fn relay(
    (mut client, early_up): (TcpStream, BytesMut),
    (mut upstream, early_down): (TcpStream, BytesMut),
    meter: &Meter,
    idle: Duration,
    cut: &CancellationToken,
) -> End {
    let end = {
        let (client_read, client_write) = &mut client.split();
        let (upstream_read, upstream_write) = &mut upstream.split();
        let (mut up, mut down) = (Way::new(early_up), Way::new(early_down));
        let (mut last, mut patience) = (Instant::now(), idle);
        let mut timer = std::pin::pin!(sleep_until(last + idle));
        let mut cut = std::pin::pin!(cut.cancelled());
        poll_fn(|cx| {
            if cut.as_mut().poll(cx).is_ready() {
                return Poll::Ready(End::Cut);
            }
            let mut progress = false;
            let one = up.poll(cx, client_read, upstream_write, |count| {
                progress |= count > 0;
                meter.up(count);
            });
            let other = down.poll(cx, upstream_read, client_write, |count| {
                progress |= count > 0;
                meter.down(count);
            });
            match (one, other) {
                (Poll::Ready(Err(_)), _) | (_, Poll::Ready(Err(_))) => {
                    return Poll::Ready(End::Broken);
                }
                (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => return Poll::Ready(End::Closed),
                (Poll::Pending, Poll::Pending) => {}
                _ if patience > HALF_CLOSED_IDLE => {
                    patience = HALF_CLOSED_IDLE;
                    progress = true;
                    timer.as_mut().reset(Instant::now() + patience);
                }
                _ => {}
            }
            if progress {
                // The timer itself stays where it is: it looks at `last` when it fires.
                last = Instant::now();
            }
            while timer.as_mut().poll(cx).is_ready() {
                if last.elapsed() >= patience {
                    return Poll::Ready(End::Idle);
                }
                timer.as_mut().reset(last + patience);
            }
            Poll::Pending
        })
        .await
    };
    if end != End::Closed {
        let _ = client.set_zero_linger();
        let _ = upstream.set_zero_linger();
    }
    end
}
