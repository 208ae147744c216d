//! The byte stream of a connection: plain TCP, or TLS over TCP, with the same non-blocking calls.
//!
//! TLS works under a mutex of its own, because a read may have to write (a key update, an alert) and the record layer
//! has one state for both directions. To avoid waiting for this mutex, only the connection's task reads and writes: a
//! publisher or an engine wakes the task instead ([`Socket::is_shared`]). Encryption in the publisher's thread would
//! also cost more than the wake-up that an inline write saves.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, Read as _, Write as _};
use std::net::Shutdown;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ServerConnection;
use socket2::SockRef;
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
use tokio::io::Interest;
use tokio::net::TcpStream;

/// How many reads in a row may return no plaintext before the task yields: a record may arrive in many pieces. (After
/// 32 empty records or key updates in a row, rustls ends the connection.)
const EMPTY_READS: usize = 16;

/// The byte stream of a connection after the upgrade to a WebSocket.
#[derive(Debug)]
pub enum Socket {
    /// Plain TCP: the hot path.
    Plain(TcpStream),
    /// TLS. Boxed, so that a plain connection does not need its memory.
    Tls(Box<TlsSocket>),
}

/// A TCP stream with its TLS session.
pub struct TlsSocket {
    tcp: TcpStream,
    session: Mutex<ServerConnection>,
}

/// Writes pieces with one system call, in whatever thread. `writev` would raise SIGPIPE where the peer is gone, and a program
/// in C that leaves that signal as it is would end; single writes have the flag by std.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn write_pieces(tcp: &TcpStream, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    let send = || SockRef::from(tcp).send_vectored_with_flags(pieces, libc::MSG_NOSIGNAL);
    tcp.try_io(Interest::WRITABLE, send)
}

/// The same where std has set that for the socket, or where there is no such signal.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn write_pieces(tcp: &TcpStream, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    tcp.try_write_vectored(pieces)
}

impl Socket {
    pub(crate) fn tls(tcp: TcpStream, session: ServerConnection) -> Self {
        let session = Mutex::new(session);
        Self::Tls(Box::new(TlsSocket { tcp, session }))
    }

    const fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => &tls.tcp,
        }
    }

    /// Whether any thread may write, or only the connection's task.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.try_read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }

    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.try_write(bytes),
            Self::Tls(tls) => tls.write(|session| session.writer().write(bytes)),
        }
    }

    pub(crate) fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => write_pieces(tcp, pieces),
            Self::Tls(tls) => tls.write(|session| session.writer().write_vectored(pieces)),
        }
    }

    /// Writes buffered records to the kernel with one system call. False if there are none: only then has everything
    /// really been written.
    #[inline]
    pub(crate) fn try_flush(&self) -> io::Result<bool> {
        match self {
            Self::Plain(_) => Ok(false),
            Self::Tls(tls) => tls.flush(&mut tls.session.lock()),
        }
    }

    /// Ends the writing direction, so that the peer can read to the end. Over TLS a `close_notify` comes first: without
    /// it the peer could not tell an end from a truncation.
    pub(crate) fn try_finish(&self) -> io::Result<()> {
        if let Self::Tls(tls) = self {
            let mut session = tls.session.lock();
            session.send_close_notify();
            while tls.flush(&mut session)? {}
        }
        SockRef::from(self.tcp()).shutdown(Shutdown::Write)
    }

    /// Reads bytes to discard them, without decryption.
    pub(crate) fn try_drain(&self, discarded: &mut [u8]) -> io::Result<usize> {
        self.tcp().try_read(discarded)
    }

    /// Only one task may wait for this at a time: the socket keeps its waker, so that a connection which waits needs no
    /// memory of its own for that.
    pub(crate) fn readable(&self) -> impl Future<Output = io::Result<()>> {
        poll_fn(|context| self.tcp().poll_read_ready(context))
    }

    /// The same for writing.
    pub(crate) fn writable(&self) -> impl Future<Output = io::Result<()>> {
        poll_fn(|context| self.tcp().poll_write_ready(context))
    }

    /// Makes the kernel discard unsent bytes when the socket is closed.
    pub(crate) fn reset(&self) {
        let _ = SockRef::from(self.tcp()).set_linger(Some(Duration::ZERO));
    }
}

impl TlsSocket {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut session = self.session.lock();
        for _ in 0..EMPTY_READS {
            match session.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Zero after a `close_notify`. An end without it is an error.
                result => return result,
            }
            session.read_tls(&mut TcpIo(&self.tcp))?;
            let processed = session.process_new_packets();
            // An alert, or our half of a key update. If the kernel does not accept it now, the next flush writes it,
            // and the task flushes before it sleeps.
            let _ = self.flush(&mut session);
            processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        // The socket stays ready, so the task comes back at once.
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Gives plaintext to the session: at most 64 KiB at a time (the session's limit), and nothing while earlier records
    /// are buffered. So 64 KiB is the most that is ever buffered here.
    fn write(
        &self,
        give: impl FnOnce(&mut ServerConnection) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut session = self.session.lock();
        while self.flush(&mut session)? {}
        let taken = give(&mut session)?;
        match self.flush(&mut session) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(taken),
        }
    }

    fn flush(&self, session: &mut ServerConnection) -> io::Result<bool> {
        if !session.wants_write() {
            return Ok(false);
        }
        match session.write_tls(&mut TcpIo(&self.tcp))? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            _ => Ok(true),
        }
    }
}

impl fmt::Debug for TlsSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TlsSocket")
            .field("tcp", &self.tcp)
            .finish_non_exhaustive()
    }
}

/// The TCP stream with the interface that the record layer needs.
struct TcpIo<'a>(&'a TcpStream);

impl io::Read for TcpIo<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl io::Write for TcpIo<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
