//! TLS to an upstream: the handshake and the socket.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use parking_lot::Mutex;
use rustls::Error;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::model::{Failure, Host, Target};
use crate::upstream::{Authority, Trust};

/// A TLS connection. One task uses both directions in turn, so the lock never waits.
#[derive(Debug)]
pub(crate) struct TlsSocket(Mutex<TlsStream<TcpStream>>);

/// Performs the handshake. The certificate must be for the host in the list, a name or an address.
pub(crate) async fn tls_handshake(
    stream: TcpStream,
    address: &Target,
    own: Option<&Authority>,
    trust: &Trust,
) -> Result<TlsSocket, Failure> {
    let config = trust.config(own).await.map_err(classify)?;
    let name = match &address.host {
        Host::Ip(ip) => ServerName::from(*ip),
        Host::Name(name) => ServerName::try_from(name.clone())
            .map_err(|_| Failure::Tls("no certificate can be issued for this host".to_owned()))?,
    };
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => Ok(TlsSocket(Mutex::new(stream))),
        Err(error) => Err(match error.downcast::<Error>() {
            Ok(error) => classify(error),
            Err(_) => Failure::Closed,
        }),
    }
}

fn classify(error: Error) -> Failure {
    match error {
        Error::InvalidCertificate(reason) => Failure::Untrusted(reason),
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => Failure::Invalid("TLS"),
        error => Failure::Tls(error.to_string()),
    }
}

impl TlsSocket {
    /// Whether nothing is there to be read, not even the end.
    pub(crate) fn is_quiet(&self) -> bool {
        let mut byte = [0];
        let mut reader = self;
        let reading = tokio::io::AsyncReadExt::read(&mut reader, &mut byte);
        // Unconstrained: tokio's budget must not make it look pending.
        let reading = pin!(tokio::task::unconstrained(reading));
        reading
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    }

    /// Makes closing the socket reset it.
    pub(crate) fn reset_on_close(&self) {
        let _ = self.0.lock().get_ref().0.set_zero_linger();
    }
}

impl AsyncRead for &TlsSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut *self.0.lock()).poll_read(cx, buffer)) {
            // Many servers close without `close_notify`. The framing tells whether the data is complete, as without
            // TLS.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            result => Poll::Ready(result),
        }
    }
}

impl AsyncWrite for &TlsSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.lock()).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.lock()).poll_flush(cx)
    }

    /// `close_notify`, then the end of the TCP stream in this direction.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.lock()).poll_shutdown(cx)
    }
}
