//! Our ends of a command's streams: named pipes, since others cannot be read without a thread for each.

use std::io;
use std::os::windows::io::AsRawHandle as _;
use std::ptr;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;
use tokio::net::windows::named_pipe::NamedPipeServer;
use windows_sys::Win32::Foundation::ERROR_BROKEN_PIPE;
use windows_sys::Win32::System::Pipes::PeekNamedPipe;

/// The most that is written at once: it is copied until the system has taken it.
const PIECE_BYTES: usize = 64 << 10;

/// Our end of a stream of a command.
#[derive(Debug)]
pub(crate) struct StreamEnd(NamedPipeServer);

/// A stream that may have something to read.
pub(crate) struct Readable<'a>(&'a StreamEnd);

impl StreamEnd {
    pub(super) const fn new(end: NamedPipeServer) -> Self {
        Self(end)
    }

    /// Waits until there may be something to read.
    pub(crate) async fn readable(&self) -> io::Result<Readable<'_>> {
        self.0.readable().await?;
        Ok(Readable(self))
    }

    /// Writes all of it. The last piece may still wait for the command then.
    pub(crate) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.0.writable().await?;
            match self.0.try_write(&bytes[..bytes.len().min(PIECE_BYTES)]) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
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
            ready!(self.0.poll_read_ready(context))?;
            if let Some(read) = self.try_read(buffer.initialize_unfilled()) {
                return Poll::Ready(read.map(|len| buffer.advance(len)));
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
            ready!(self.0.poll_write_ready(context))?;
            match self.0.try_write(&bytes[..bytes.len().min(PIECE_BYTES)]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    /// Reads what is there: 0 at the end. `None` if there is nothing now.
    fn try_read(&self, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        loop {
            match self.0.try_read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(error) if is_end(&error) => return Some(Ok(0)),
                // Somebody has written nothing, which is no end.
                Ok(0) if !buffer.is_empty() && !self.has_ended() => {}
                read => return Some(read),
            }
        }
    }

    /// Whether nobody has the other end any more, and nothing is left in the pipe.
    #[expect(
        unsafe_code,
        reason = "a call of the system with a handle that is open"
    )]
    fn has_ended(&self) -> bool {
        let nowhere = ptr::null_mut;
        // SAFETY: it asks for nothing, so nothing is written.
        let there = unsafe {
            PeekNamedPipe(
                self.0.as_raw_handle(),
                ptr::null_mut(),
                0,
                nowhere(),
                nowhere(),
                nowhere(),
            )
        };
        there == 0
    }
}

impl Readable<'_> {
    /// Reads what is there: 0 at the end. `None` if there is nothing now.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        self.0.try_read(buffer)
    }

    /// All that was there was read. Nothing follows from it here.
    #[expect(clippy::unused_self, reason = "on Unix it spares a call")]
    pub(crate) const fn drained(&mut self) {}
}

fn is_end(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_BROKEN_PIPE.cast_signed())
}
