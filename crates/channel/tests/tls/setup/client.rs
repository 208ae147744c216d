//! TLS clients that trust only the certificate of their server.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use serde_json::Value;
use tungstenite::{Error, Message, WebSocket};

use crate::support::receive;

/// The TLS stream of a client.
pub(crate) type Stream = StreamOwned<ClientConnection, PacedTcp>;

/// A WebSocket client of an echo server.
pub(crate) type EchoClient = WebSocket<Stream>;

/// A client's configuration with one trusted certificate.
pub(crate) fn trusting(root: &str, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(root.as_bytes()).unwrap();
    roots.add(root).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A client's TCP connection, which may read slowly.
pub(crate) struct PacedTcp {
    pub(crate) tcp: TcpStream,
    /// If it is not zero, it reads pieces of odd sizes, with pauses.
    pace: u32,
}

impl PacedTcp {
    pub(crate) const fn new(tcp: TcpStream) -> Self {
        Self { tcp, pace: 0 }
    }

    /// A connection that reads slowly.
    pub(crate) const fn slow(tcp: TcpStream) -> Self {
        Self { tcp, pace: 1 }
    }
}

impl Read for PacedTcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.pace == 0 {
            return self.tcp.read(buffer);
        }
        self.pace = self
            .pace
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223)
            | 1;
        let dice = self.pace >> 8;
        if dice.is_multiple_of(97) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let most = if dice.is_multiple_of(5) { 17 } else { 20_000 };
        let piece = (1 + dice as usize % most).min(buffer.len());
        self.tcp.read(&mut buffer[..piece])
    }
}

impl Write for PacedTcp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A connected WebSocket client.
pub(crate) struct Client {
    pub(crate) socket: WebSocket<Stream>,
    /// The sub-protocol that was selected.
    pub(crate) protocol: Option<String>,
}

impl Client {
    pub(crate) fn send_text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).unwrap();
    }

    pub(crate) fn receive(&mut self) -> String {
        match receive(&mut self.socket) {
            Message::Text(text) => text.to_string(),
            other => panic!("{other:?} instead of a text"),
        }
    }

    pub(crate) fn receive_binary(&mut self) -> Vec<u8> {
        match receive(&mut self.socket) {
            Message::Binary(bytes) => bytes.to_vec(),
            other => panic!("{other:?} instead of bytes"),
        }
    }

    pub(crate) fn answer(&mut self) -> Value {
        serde_json::from_str(&self.receive()).unwrap()
    }

    pub(crate) fn ask(&mut self, text: impl Into<String>) -> Value {
        self.send_text(text);
        self.answer()
    }

    /// Whether the connection answers a ping, with no other message first.
    pub(crate) fn answers_ping(&mut self) -> bool {
        self.ask(r#"{"type":"ping"}"#)["type"] == "pong"
    }

    /// Checks that the connection ends with this close frame and the TLS stream with a `close_notify`.
    pub(crate) fn expect_close(&mut self, code: u16) {
        assert_eq!(self.read_to_end().unwrap(), code);
    }

    fn read_to_end(&mut self) -> Result<u16, Box<Error>> {
        let code = loop {
            if let Message::Close(frame) = self.socket.read()? {
                break frame.unwrap().code.into();
            }
        };
        loop {
            match self.socket.read() {
                Err(Error::ConnectionClosed) => return Ok(code),
                // Without a `close_notify` it would be an unexpected end.
                Err(error) => return Err(Box::new(error)),
                Ok(_) => {}
            }
        }
    }
}

/// Reads to the end and returns the code of the close frame. TLS must end with a `close_notify`.
pub(crate) fn read_to_close(mut client: EchoClient) -> Option<u16> {
    let mut code = None;
    loop {
        match client.read() {
            Ok(Message::Close(frame)) => code = frame.map(|frame| frame.code.into()),
            Ok(_) => {}
            Err(Error::ConnectionClosed) => break,
            Err(error) => panic!("after {code:?}: {error}"),
        }
    }
    let rest = client.get_mut().read(&mut [0; 64]);
    assert!(matches!(rest, Ok(0)), "no close_notify: {rest:?}");
    code
}

/// Writes these bytes without TLS and reads to the end.
pub(crate) fn write_and_read_to_end(mut stream: TcpStream, bytes: &[u8]) -> Vec<u8> {
    let _ = stream.write_all(bytes);
    read_to_end(stream)
}

/// Reads to the end. A reset counts as the end.
pub(crate) fn read_to_end(mut stream: TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    if let Err(error) = stream.read_to_end(&mut received) {
        assert!(
            !matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            ),
            "it was never closed"
        );
    }
    received
}
