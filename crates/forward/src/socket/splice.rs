//! Moves bytes from socket to socket inside the kernel (`splice`), for the few flows that move a lot. Linux only;
//! elsewhere everything is copied.

use std::io;
use std::task::{Context, Poll};

use tokio::net::TcpStream;

/// The result of one move through a pipe.
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "elsewhere nothing is moved so")
)]
pub(crate) enum Moved {
    /// The receiver's socket took this many bytes.
    Bytes(usize),
    /// The sender has ended.
    End,
    /// The kernel cannot splice these sockets. Nothing is lost: copy.
    Unable,
}

#[cfg(target_os = "linux")]
pub(crate) use linux::Pipe;

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::OwnedFd;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::ready;

    use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};
    use tokio::io::Interest;

    use super::{Context, Moved, Poll, TcpStream, io};

    /// The capacity of a pipe. 256 KiB: four times what one copy moves; more gains little.
    const CAPACITY: usize = 256 << 10;

    /// The limit of pipes in this process. 128: with their capacity, half of what Linux allows a user (64 MiB of pipe
    /// buffers) before it shrinks new pipes. Further flows are copied.
    const MAX_PIPES: usize = 128;

    /// How many pipes there are. Counted per process, because Linux limits them per user.
    static PIPES: AtomicUsize = AtomicUsize::new(0);

    /// Never blocks.
    const FLAGS: SpliceFlags = SpliceFlags::NONBLOCK.union(SpliceFlags::MOVE);

    /// One of the pipes that are allowed.
    #[derive(Debug)]
    struct PipePermit;

    impl PipePermit {
        fn take() -> Option<Self> {
            let more = |count| (count < MAX_PIPES).then_some(count + 1);
            PIPES
                .fetch_update(Relaxed, Relaxed, more)
                .ok()
                .map(|_| Self)
        }
    }

    impl Drop for PipePermit {
        fn drop(&mut self) {
            PIPES.fetch_sub(1, Relaxed);
        }
    }

    /// A pipe between two sockets.
    #[derive(Debug)]
    pub(crate) struct Pipe {
        read: OwnedFd,
        write: OwnedFd,
        /// Bytes in it.
        held: usize,
        _permit: PipePermit,
    }

    impl Pipe {
        /// Opens a pipe, unless the limit is reached.
        pub(crate) fn open() -> Option<Box<Self>> {
            let permit = PipePermit::take()?;
            let (read, write) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)
                .inspect_err(|error| tracing::debug!(%error, "no pipe to splice with"))
                .ok()?;
            fcntl_setpipe_size(&write, CAPACITY)
                .inspect_err(|error| tracing::debug!(%error, "no pipe of full size to splice with"))
                .ok()?;
            Some(Box::new(Self {
                read,
                write,
                held: 0,
                _permit: permit,
            }))
        }

        pub(crate) const fn is_empty(&self) -> bool {
            self.held == 0
        }

        /// Moves up to one pipe's capacity. Pending while a socket must be waited for.
        pub(crate) fn poll_move(
            &mut self,
            cx: &mut Context<'_>,
            from: &TcpStream,
            to: &TcpStream,
        ) -> Poll<io::Result<Moved>> {
            while self.held == 0 {
                let filled = from.try_io(Interest::READABLE, || {
                    Ok(splice(from, None, &self.write, None, CAPACITY, FLAGS)?)
                });
                match filled {
                    Ok(0) => return Poll::Ready(Ok(Moved::End)),
                    Ok(count) => self.held = count,
                    // The pipe is empty, so the socket has no data.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        ready!(from.poll_read_ready(cx))?;
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                        return Poll::Ready(Ok(Moved::Unable));
                    }
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            loop {
                let taken = to.try_io(Interest::WRITABLE, || {
                    Ok(splice(&self.read, None, to, None, self.held, FLAGS)?)
                });
                match taken {
                    Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    Ok(count) => {
                        self.held -= count;
                        return Poll::Ready(Ok(Moved::Bytes(count)));
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        ready!(to.poll_write_ready(cx))?;
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
        }
    }
}

/// No pipes on this system.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(crate) enum Pipe {}

#[cfg(not(target_os = "linux"))]
impl Pipe {
    pub(crate) const fn open() -> Option<Box<Self>> {
        None
    }

    pub(crate) const fn is_empty(&self) -> bool {
        match *self {}
    }

    pub(crate) fn poll_move(
        &mut self,
        _: &mut Context<'_>,
        _: &TcpStream,
        _: &TcpStream,
    ) -> Poll<io::Result<Moved>> {
        match *self {}
    }
}
