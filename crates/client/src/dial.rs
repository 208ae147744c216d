//! Connects to a listener: TCP, TLS if it is used, and the upgrade to a WebSocket.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{io, time::Duration};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tungstenite::handshake::client::{Request, generate_key};
use tungstenite::http::{HeaderValue, header};
use tungstenite::protocol::WebSocketConfig;

use crate::end::{ConnectionEnd, network};
use crate::target::Target;

/// The time limit for all of it. A listener answers within milliseconds; the network may lose a packet or two.
const DIAL_LIMIT: Duration = Duration::from_secs(15);
/// The largest message that is read: an event has at most one megabyte, other messages of an application may be
/// larger.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// How much is read at once: as much as a listener writes at once.
const READ_BYTES: usize = 64 * 1024;
/// The subprotocol in which events have numbers.
pub(crate) static PROTOCOL: HeaderValue = HeaderValue::from_static("loopwire.v1");

pub(crate) type Stream = WebSocketStream<Transport>;

/// An open connection.
pub(crate) struct Dialled {
    pub(crate) stream: Stream,
    /// The subprotocol that the server has selected.
    pub(crate) protocol: Option<String>,
}

/// A connection with or without TLS.
pub(crate) enum Transport {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

/// Connects, and asks for a WebSocket at `path` with these subprotocols.
pub(crate) async fn dial(
    target: &Target,
    tls: Option<&Arc<ClientConfig>>,
    path: &str,
    protocols: &HeaderValue,
) -> Result<Dialled, ConnectionEnd> {
    let dialled = timeout(DIAL_LIMIT, async {
        let transport = connect(target, tls).await?;
        upgrade(target, transport, path, protocols).await
    });
    dialled.await.unwrap_or_else(|_| {
        let seconds = DIAL_LIMIT.as_secs();
        Err(ConnectionEnd::temporary(format!(
            "no answer within {seconds} s"
        )))
    })
}

async fn connect(
    target: &Target,
    tls: Option<&Arc<ClientConfig>>,
) -> Result<Transport, ConnectionEnd> {
    let tcp = open(&target.host, target.port)
        .await
        .map_err(|error| ConnectionEnd::temporary(network(&error)))?;
    let Some(config) = tls else {
        return Ok(Transport::Plain(tcp));
    };
    let name = ServerName::try_from(target.host.clone())
        .map_err(|_| ConnectionEnd::permanent("no certificate can be for this host name"))?;
    let stream = TlsConnector::from(Arc::clone(config))
        .connect(name, tcp)
        .await
        .map_err(|error| ConnectionEnd::of_tls(&error))?;
    Ok(Transport::Secure(Box::new(stream)))
}

#[cfg(not(windows))]
async fn open(host: &str, port: u16) -> io::Result<TcpStream> {
    TcpStream::connect((host, port)).await
}

/// Tries one address after the other, as tokio does.
#[cfg(windows)]
async fn open(host: &str, port: u16) -> io::Result<TcpStream> {
    use tokio::net::{TcpSocket, lookup_host};

    let mut failed = None;
    for address in lookup_host((host, port)).await? {
        let socket = match address.is_ipv4() {
            true => TcpSocket::new_v4(),
            false => TcpSocket::new_v6(),
        };
        let tried = async {
            let socket = socket?;
            if address.ip().is_loopback() {
                loopwire_trust::refuse_at_once(&socket);
            }
            socket.connect(address).await
        };
        match tried.await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or_else(|| io::ErrorKind::NotFound.into()))
}

async fn upgrade(
    target: &Target,
    transport: Transport,
    path: &str,
    protocols: &HeaderValue,
) -> Result<Dialled, ConnectionEnd> {
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = READ_BYTES;
    config.max_message_size = Some(MAX_MESSAGE_BYTES);
    config.max_frame_size = Some(MAX_MESSAGE_BYTES);
    let request = request(target, path, protocols).map_err(ConnectionEnd::Permanent)?;
    match client_async_with_config(request, transport, Some(config)).await {
        Ok((stream, answer)) => {
            let protocol = answer.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
            let protocol = protocol.and_then(|value| value.to_str().ok());
            Ok(Dialled {
                stream,
                protocol: protocol.map(str::to_owned),
            })
        }
        Err(error) => Err(ConnectionEnd::of_handshake(error, target.secure)),
    }
}

fn request(target: &Target, path: &str, protocols: &HeaderValue) -> Result<Request, String> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", target.token))
        .map_err(|_| "the token contains invalid characters".to_owned())?;
    bearer.set_sensitive(true);
    let scheme = if target.secure { "wss" } else { "ws" };
    let address = target.address();
    let mut builder = Request::builder();
    // An empty list would be an invalid header.
    if !protocols.is_empty() {
        builder = builder.header(header::SEC_WEBSOCKET_PROTOCOL, protocols);
    }
    builder
        .uri(format!("{scheme}://{address}{path}"))
        .header(header::HOST, address)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, generate_key())
        .header(header::AUTHORIZATION, bearer)
        .body(())
        .map_err(|_| "the URL is invalid".to_owned())
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Secure(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Secure(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Secure(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
