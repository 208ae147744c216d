//! The request target as it came. The parser of URIs cuts off a fragment without a word, so that `/ws/TOKEN#x` would be
//! `/ws/TOKEN`. No request target has one (RFC 9112 section 3.2).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Whether the target of a request has a fragment.
#[derive(Clone, Debug, Default)]
pub(super) struct Fragment(Arc<AtomicBool>);

impl Fragment {
    pub(super) fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where in a request line the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Empty lines may come before it (section 2.2).
    Before,
    Method,
    Target,
    Behind,
}

/// A byte stream whose first line is looked at on its way to the parser.
#[derive(Debug)]
pub(super) struct TargetIo<Io> {
    io: Io,
    place: Place,
    fragment: Fragment,
}

impl<Io> TargetIo<Io> {
    pub(super) fn new(io: Io) -> (Self, Fragment) {
        let fragment = Fragment::default();
        let watched = Self {
            io,
            place: Place::Before,
            fragment: fragment.clone(),
        };
        (watched, fragment)
    }

    pub(super) fn into_inner(self) -> Io {
        self.io
    }

    fn look(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.place = match (self.place, byte) {
                (Place::Behind, _) => return,
                (Place::Before, b'\r' | b'\n') => Place::Before,
                (_, b'\n') => Place::Behind,
                (Place::Before, _) => Place::Method,
                (Place::Method, b' ') => Place::Target,
                (Place::Target, b'#') => {
                    self.fragment.0.store(true, Ordering::Relaxed);
                    Place::Behind
                }
                (place, _) => place,
            };
        }
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for TargetIo<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        self.look(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for TargetIo<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_found_in_the_target_alone_however_the_line_is_split() {
        for (head, expected) in [
            ("GET /ws/t#x HTTP/1.1\r\n", true),
            ("\r\n\r\nGET /#\r\n", true),
            ("GET http://h/# HTTP/1.1\n", true),
            ("GET /ws/t HTTP/1.1\r\nX: #\r\n", false),
            ("G#T / HTTP/1.1\r\n\r\n#", false),
            ("GET /ws/t%23x HTTP/1.1\r\n\r\n", false),
        ] {
            for step in [1, 3, 100] {
                let (mut watched, fragment) = TargetIo::new(());
                head.as_bytes()
                    .chunks(step)
                    .for_each(|part| watched.look(part));
                assert_eq!(fragment.is_there(), expected, "{head} by {step}");
            }
        }
    }
}
