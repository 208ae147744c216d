//! A connection's byte stream: bare TCP or TLS over it, with the same calls, none of which waits.
//!
//! Over TLS everything happens under a mutex of the stream's own, because a read may have to write (a key
//! update, an alert) and the record layer has one state for both directions. So that nobody waits for it,
//! only the connection's task reads and writes there: a publisher or an engine that has something to say
//! wakes the task instead ([`Socket::is_shared`]). Encryption in the publisher's thread would also cost it
//! more than the wake-up that an inline write saves.

use std::fmt;
use std::io::{self, IoSlice, Read as _, Write as _};
use std::net::Shutdown;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ServerConnection;
use socket2::SockRef;
use tokio::net::TcpStream;

/// How many reads in a row may bring no byte of content before others get the thread: a record may come in many
/// pieces. (Of empty records and key updates rustls takes 32 in a row, then it ends the connection.)
const EMPTY_READS: usize = 16;

/// A connection's byte stream, once it is a WebSocket.
#[derive(Debug)]
pub enum Socket {
    /// Bare TCP: the hot path.
    Plain(TcpStream),
    /// TLS. In a box, so that a bare connection does not pay for its size.
    Tls(Box<TlsSocket>),
}

/// A TCP stream with its TLS session.
pub struct TlsSocket {
    tcp: TcpStream,
    session: Mutex<ServerConnection>,
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

    /// Whether any thread may write, not only the connection's task.
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
            Self::Plain(tcp) => tcp.try_write_vectored(pieces),
            Self::Tls(tls) => tls.write(|session| session.writer().write_vectored(pieces)),
        }
    }

    /// Writes what was taken earlier and is not with the kernel yet, by one system call. False if there is no
    /// such thing: only then is what was written really out.
    #[inline]
    pub(crate) fn try_flush(&self) -> io::Result<bool> {
        match self {
            Self::Plain(_) => Ok(false),
            Self::Tls(tls) => tls.flush(&mut tls.session.lock()),
        }
    }

    /// Says that nothing more will be written, so that the peer may read to the end: over TLS by a
    /// `close_notify` first, without which it could not tell an end from a cut.
    pub(crate) fn try_finish(&self) -> io::Result<()> {
        if let Self::Tls(tls) = self {
            let mut session = tls.session.lock();
            session.send_close_notify();
            while tls.flush(&mut session)? {}
        }
        SockRef::from(self.tcp()).shutdown(Shutdown::Write)
    }

    /// Reads what nobody will look at, past TLS as well.
    pub(crate) fn try_drain(&self, discarded: &mut [u8]) -> io::Result<usize> {
        self.tcp().try_read(discarded)
    }

    pub(crate) async fn readable(&self) -> io::Result<()> {
        self.tcp().readable().await
    }

    pub(crate) async fn writable(&self) -> io::Result<()> {
        self.tcp().writable().await
    }

    /// Has the kernel forget what it has not sent once the socket is closed.
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
                // Zero after a `close_notify`; an end without one is an error.
                result => return result,
            }
            session.read_tls(&mut TcpIo(&self.tcp))?;
            let processed = session.process_new_packets();
            // An alert, or our half of a key update. What the kernel does not take now goes with the next flush,
            // which the task does before it sleeps.
            let _ = self.flush(&mut session);
            processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        // The socket's readiness stands, so that the task comes back at once.
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Gives plaintext to the session, which takes 64 KiB at a time (its own limit) and nothing while earlier
    /// records wait for the kernel: so that is the most that ever waits here.
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

/// The TCP stream as the record layer wants it.
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
