//! A buffered socket: TCP or TLS, and the bytes that were read ahead.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::direct::{is_silent, read_part, send_part};
use super::scratch::with_scratch;
use super::tls::TlsSocket;

/// The most bytes of one read outside a relay: heads, replies and chunk lines are smaller.
const READ: usize = 8 << 10;
/// The size of one read of a body.
const READ_BODY: usize = 32 << 10;

/// A socket. TCP is used directly: only TLS pays for TLS.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    Tls(Box<TlsSocket>),
}

/// A socket and the bytes that were read from it but not used yet.
#[derive(Debug)]
pub(crate) struct BufferedSocket {
    socket: Socket,
    held: BytesMut,
    presence: Presence,
}

/// What is known about a peer without reading.
#[derive(Debug, Default)]
pub(super) struct Presence {
    /// Bytes written to it.
    pub(super) written: AtomicU64,
    /// It has sent its end and takes bytes nevertheless.
    pub(super) reads_on: AtomicBool,
}

/// The reading side.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    socket: &'a Socket,
    held: &'a mut BytesMut,
}

/// The writing side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer<'a> {
    pub(super) socket: &'a Socket,
    pub(super) presence: &'a Presence,
}

impl BufferedSocket {
    pub(crate) fn tcp(stream: TcpStream) -> Self {
        Self::new(Socket::Tcp(stream))
    }

    pub(crate) fn tls(tls: TlsSocket) -> Self {
        Self::new(Socket::Tls(Box::new(tls)))
    }

    fn new(socket: Socket) -> Self {
        Self {
            socket,
            held: BytesMut::new(),
            presence: Presence::default(),
        }
    }

    /// Both halves at once, so that a request's body can be sent while the answer comes.
    pub(crate) const fn split(&mut self) -> (Reader<'_>, Writer<'_>) {
        (
            Reader {
                socket: &self.socket,
                held: &mut self.held,
            },
            Writer {
                socket: &self.socket,
                presence: &self.presence,
            },
        )
    }

    pub(crate) const fn reader(&mut self) -> Reader<'_> {
        self.split().0
    }

    pub(crate) const fn writer(&self) -> Writer<'_> {
        Writer {
            socket: &self.socket,
            presence: &self.presence,
        }
    }

    /// Tells the peer that nothing more will be sent.
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        match &mut self.socket {
            Socket::Tcp(stream) => stream.shutdown().await,
            Socket::Tls(tls) => (&mut &**tls).shutdown().await,
        }
    }

    /// The socket and the bytes read ahead.
    pub(crate) fn into_parts(self) -> (Socket, BytesMut) {
        (self.socket, self.held)
    }

    /// Whether an idle connection is still idle: nothing read ahead, nothing to read, not closed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.held.is_empty()
            && match &self.socket {
                Socket::Tcp(stream) => is_silent(stream),
                Socket::Tls(tls) => tls.is_quiet(),
            }
    }
}

impl Reader<'_> {
    /// The bytes held.
    pub(crate) fn held(&self) -> &[u8] {
        self.held
    }

    /// Marks `count` of the held bytes as used.
    pub(crate) fn consume(&mut self, count: usize) {
        self.held.advance(count);
        if self.held.is_empty() {
            // Between messages no buffer is kept.
            *self.held = BytesMut::new();
        }
    }

    /// Reads more; 0 at the end.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        // Most are far smaller: the buffer grows by what has come.
        let small = |stream: &TcpStream, held: &mut BytesMut| {
            with_scratch(|scratch| -> io::Result<usize> {
                let count = read_part(stream, &mut scratch[..READ])?;
                held.extend_from_slice(&scratch[..count]);
                Ok(count)
            })
        };
        self.fill_by(READ, small).await
    }

    /// Reads more of a body; 0 at the end.
    pub(crate) async fn fill_body(&mut self) -> io::Result<usize> {
        let large = |stream: &TcpStream, held: &mut BytesMut| {
            held.reserve(READ_BODY);
            stream.try_read_buf(held)
        };
        self.fill_by(READ_BODY, large).await
    }

    async fn fill_by(
        &mut self,
        room: usize,
        read: impl Fn(&TcpStream, &mut BytesMut) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let stream = match self.socket {
            Socket::Tcp(stream) => stream,
            Socket::Tls(tls) => {
                self.held.reserve(room);
                return (&mut &**tls).read_buf(self.held).await;
            }
        };
        loop {
            // The buffer grows only when there is data for it.
            stream.readable().await?;
            match read(stream, self.held) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    tokio::task::consume_budget().await;
                }
                result => return result,
            }
        }
    }

    /// Reads until `count` bytes are held.
    pub(crate) async fn need(&mut self, count: usize) -> io::Result<()> {
        while self.held.len() < count {
            if self.fill().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// Takes exactly `N` bytes.
    pub(crate) async fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        self.need(N).await?;
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.held[..N]);
        self.consume(N);
        Ok(bytes)
    }

    /// Takes exactly `count` bytes.
    pub(crate) async fn take_vec(&mut self, count: usize) -> io::Result<Vec<u8>> {
        self.need(count).await?;
        let bytes = self.held[..count].to_vec();
        self.consume(count);
        Ok(bytes)
    }
}

impl Writer<'_> {
    /// Writes all of it.
    pub(crate) async fn write_all(self, mut bytes: &[u8]) -> io::Result<()> {
        let stream = match self.socket {
            Socket::Tcp(stream) => stream,
            Socket::Tls(tls) => {
                let mut tls = &**tls;
                tls.write_all(bytes).await?;
                return tls.flush().await;
            }
        };
        if bytes.is_empty() {
            return Ok(());
        }
        // A connection that was just made takes bytes before the runtime hears of it.
        let mut sent = send_part(stream, bytes);
        loop {
            match sent {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    bytes = &bytes[count..];
                    self.presence.written.fetch_add(count as u64, Relaxed);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            tokio::task::consume_budget().await;
            if bytes.is_empty() {
                return Ok(());
            }
            stream.writable().await?;
            sent = stream.try_write(bytes);
        }
    }

    /// Makes closing the socket reset it: the peer must not take a truncated body for a complete one.
    pub(crate) fn reset_on_close(self) {
        match self.socket {
            Socket::Tcp(stream) => drop(stream.set_zero_linger()),
            Socket::Tls(tls) => tls.reset_on_close(),
        }
    }
}
