//! Our ends of a command's streams, which wait in the event loop.

use std::io;
use std::os::fd::OwnedFd;
use std::task::{Context, Poll, ready};

use rustix::fs::OFlags;
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};
use tokio::io::{Interest, ReadBuf};

use super::descriptors::async_fd;

/// Our end of a stream of a command.
#[derive(Debug)]
pub(crate) struct StreamEnd(AsyncFd<OwnedFd>);

/// A stream that may have something to read.
pub(crate) struct Readable<'a>(AsyncFdReadyGuard<'a, OwnedFd>);

impl StreamEnd {
    /// Makes an end wait in the event loop instead of in the system.
    pub(super) fn new(end: OwnedFd, interest: Interest) -> io::Result<Self> {
        let flags = rustix::fs::fcntl_getfl(&end)?;
        rustix::fs::fcntl_setfl(&end, flags | OFlags::NONBLOCK)?;
        async_fd(end, interest).map(Self)
    }

    pub(super) fn descriptor(&self) -> &OwnedFd {
        self.0.get_ref()
    }

    /// Waits until there may be something to read.
    pub(crate) async fn readable(&self) -> io::Result<Readable<'_>> {
        self.0.readable().await.map(Readable)
    }

    /// Writes all of it.
    pub(crate) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let mut ready = self.0.writable().await?;
            let has_no_reader = ready.ready().is_write_closed();
            match ready.try_io(|end| Ok(rustix::io::write(end, bytes)?)) {
                Ok(Ok(written)) => bytes = &bytes[written..],
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(error)) => return Err(error),
                // No process has the PTY open any more. A full one still says that it is full, not that, and counts as ready
                // for ever: this loop would keep the thread, and the task would not see the end of the command.
                Err(_would_block) if has_no_reader => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(_would_block) => {}
            }
        }
        Ok(())
    }

    /// As [`tokio::io::AsyncRead`] has it.
    pub(crate) fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.0.poll_read_ready(context))?;
            let unfilled = buffer.initialize_unfilled();
            match ready.try_io(|end| Ok(rustix::io::read(end, &mut *unfilled)?)) {
                Ok(Ok(len)) => {
                    buffer.advance(len);
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Err(_would_block) => {}
            }
        }
    }

    /// As [`tokio::io::AsyncWrite`] has it.
    pub(crate) fn poll_write(
        &self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut ready = ready!(self.0.poll_write_ready(context))?;
            match ready.try_io(|end| Ok(rustix::io::write(end, bytes)?)) {
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(written) => return Poll::Ready(written),
                Err(_would_block) => {}
            }
        }
    }
}

impl Readable<'_> {
    /// Reads what is there: 0 at the end. `None` if there is nothing now.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        let read = self.0.try_io(|end| Ok(rustix::io::read(end, buffer)?));
        match read.ok()? {
            // No process has the PTY open any more.
            Err(error) if error.raw_os_error() == Some(libc::EIO) => Some(Ok(0)),
            read => Some(read),
        }
    }

    /// All that was there was read: to look once more would find nothing.
    pub(crate) fn drained(&mut self) {
        self.0.clear_ready();
    }
}
