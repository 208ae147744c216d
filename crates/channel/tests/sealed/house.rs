//! A house behind TLS: a listener with a certificate of its own, and clients that trust only that.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::{
    Bounds, Identity, Journal, Listener, ListenerOptions, Read as Found, Tls, Token, bind,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use serde_json::Value;
use tokio::runtime::Runtime;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Error, Message, WebSocket};

use crate::porter::Porter;

pub(crate) const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// Far more than anything here takes: reached only by what would never come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A TLS stream of a client's.
pub(crate) type Stream = StreamOwned<ClientConnection, Wire>;

/// A running listener.
pub(crate) struct House {
    pub(crate) listener: Arc<Listener>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) identity: Identity,
    pub(crate) runtime: Option<Runtime>,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::with(ListenerOptions::default())
    }

    pub(crate) fn with(options: ListenerOptions) -> Self {
        let host = [127, 0, 0, 1].into();
        let identity = Identity::new(&Tls::SelfSigned, host, &options.allowed_hosts).unwrap();
        Self::showing(identity, options)
    }

    pub(crate) fn showing(identity: Identity, options: ListenerOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let journal = Journal::new(Bounds::default());
        let options = ListenerOptions {
            tls: Some(identity.clone()),
            ..options
        };
        let listener = Listener::open(
            runtime.handle(),
            bind(([127, 0, 0, 1], 0).into()).unwrap(),
            &journal,
            Token::parse(TOKEN).unwrap(),
            None,
            vec![Arc::new(Porter) as _],
            options,
        );
        Self {
            listener: listener.unwrap(),
            journal,
            identity,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// A client's configuration whose only root is the listener's certificate.
    pub(crate) fn trusting(&self) -> ClientConfig {
        trusting(self.identity.certificate(), rustls::ALL_VERSIONS)
    }

    /// A bare connection.
    pub(crate) fn knock(&self) -> TcpStream {
        let tcp = TcpStream::connect(self.address()).unwrap();
        tcp.set_nodelay(true).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        tcp.set_write_timeout(Some(PATIENCE)).unwrap();
        tcp
    }

    /// A TLS stream; the handshake comes with its first bytes.
    pub(crate) fn dial(&self) -> Stream {
        self.dial_with(self.trusting(), Wire::new(self.knock()))
    }

    pub(crate) fn dial_with(&self, config: ClientConfig, wire: Wire) -> Stream {
        StreamOwned::new(self.session(config), wire)
    }

    /// A client's session without a connection.
    pub(crate) fn session(&self, config: ClientConfig) -> ClientConnection {
        let name = ServerName::try_from("localhost").unwrap();
        ClientConnection::new(Arc::new(config), name).unwrap()
    }

    /// A sandbox client, by the query token at `/`, with further flags (`&binary=true`).
    pub(crate) fn visit(&self, flags: &str) -> Client {
        self.enter(self.dial(), &format!("/?token={TOKEN}{flags}"), &[])
            .unwrap()
    }

    /// A client of any form.
    pub(crate) fn enter(
        &self,
        stream: Stream,
        target: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Client, Box<Error>> {
        let url = format!("wss://{}{target}", self.address());
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let agreed = tungstenite::client(request, stream);
        let (socket, answer) = agreed.map_err(|error| match error {
            tungstenite::HandshakeError::Failure(error) => Box::new(error),
            tungstenite::HandshakeError::Interrupted(_) => panic!("no answer in time"),
        })?;
        let protocol = answer.headers().get("sec-websocket-protocol");
        Ok(Client {
            protocol: protocol.map(|value| value.to_str().unwrap().to_owned()),
            socket,
        })
    }

    pub(crate) fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !condition(self) {
            assert!(start.elapsed() < PATIENCE, "never happened: {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Closes the listener, as an application does; gives the thread that waits for its end.
    pub(crate) fn close(&self) -> std::thread::JoinHandle<()> {
        let listener = Arc::clone(&self.listener);
        let handle = self.runtime.as_ref().unwrap().handle().clone();
        std::thread::spawn(move || handle.block_on(listener.close()))
    }

    /// That no part of the listener has failed.
    pub(crate) fn is_sound(&self) {
        assert_eq!(self.listener.counters().panics(), 0);
        let mut next = self.journal.oldest();
        while let Found::Events(segment) = self.journal.read(next) {
            for record in segment.records(next) {
                let json = String::from_utf8_lossy(record.json);
                assert!(!json.contains(r#""type":"fault""#), "{json}");
            }
            next = segment.next();
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A client's configuration with one root.
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

/// A client's end of the TCP connection.
pub(crate) struct Wire {
    pub(crate) tcp: TcpStream,
    /// Reads in odd pieces, with pauses, where this is not zero.
    pace: u32,
}

impl Wire {
    pub(crate) const fn new(tcp: TcpStream) -> Self {
        Self { tcp, pace: 0 }
    }

    /// One that takes its time.
    pub(crate) const fn slow(tcp: TcpStream) -> Self {
        Self { tcp, pace: 1 }
    }
}

impl Read for Wire {
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

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A client's end of a WebSocket connection.
pub(crate) struct Client {
    pub(crate) socket: WebSocket<Stream>,
    /// The sub-protocol that was selected.
    pub(crate) protocol: Option<String>,
}

impl Client {
    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).unwrap();
    }

    pub(crate) fn hear(&mut self) -> String {
        loop {
            match self.socket.read().unwrap() {
                Message::Text(text) => return text.to_string(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} instead of a text"),
            }
        }
    }

    pub(crate) fn hear_binary(&mut self) -> Vec<u8> {
        loop {
            match self.socket.read().unwrap() {
                Message::Binary(bytes) => return bytes.to_vec(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} instead of bytes"),
            }
        }
    }

    pub(crate) fn answer(&mut self) -> Value {
        serde_json::from_str(&self.hear()).unwrap()
    }

    pub(crate) fn ask(&mut self, text: impl Into<String>) -> Value {
        self.say(text);
        self.answer()
    }

    /// Whether the connection still answers, and has nothing else to say first.
    pub(crate) fn is_at_ease(&mut self) -> bool {
        self.ask(r#"{"type":"ping"}"#)["type"] == "pong"
    }

    /// That the connection ends with this close frame, and the TLS stream in words, not by a cut alone.
    pub(crate) fn farewell(&mut self, code: u16) {
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
