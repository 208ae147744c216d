//! A house that speaks TLS and repeats what it hears, and clients of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::{
    Bounds, Callback, Delivery, Identity, InboxItem, Journal, Listener, ListenerOptions, SinkWaker,
    Tls, Token, bind,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tungstenite::{Message, WebSocket};

pub(crate) const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// Far more than anything here takes: reached only by what would never come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Stream = StreamOwned<ClientConnection, TcpStream>;
pub(crate) type Client = WebSocket<Stream>;

struct Doorbell(Notify);

impl SinkWaker for Doorbell {
    fn wake(&self, _woken: usize) {
        self.0.notify_one();
    }
}

/// A running listener.
pub(crate) struct House {
    pub(crate) listener: Arc<Listener>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) runtime: Option<Runtime>,
}

impl House {
    /// With a certificate of its own.
    pub(crate) fn open() -> Self {
        Self::with(|options| options)
    }

    pub(crate) fn with(change: impl FnOnce(ListenerOptions) -> ListenerOptions) -> Self {
        let loopback = [127, 0, 0, 1].into();
        let identity = Identity::new(&Tls::SelfSigned, loopback, &[]).unwrap();
        Self::build(change(ListenerOptions {
            tls: Some(identity),
            ..ListenerOptions::default()
        }))
    }

    pub(crate) fn build(options: ListenerOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let journal = Journal::new(Bounds::default());
        let doorbell = Arc::new(Doorbell(Notify::new()));
        let callback = Callback::new(&journal, Arc::clone(&doorbell) as _, false);
        let listener = Listener::open(
            runtime.handle(),
            bind(([127, 0, 0, 1], 0).into()).unwrap(),
            &journal,
            Token::parse(TOKEN).unwrap(),
            Some(Arc::clone(&callback)),
            Vec::new(),
            ListenerOptions {
                delivery: Delivery::All,
                takes_messages: true,
                ..options
            },
        );
        let listener = listener.unwrap();
        runtime.spawn(repeat(Arc::clone(&listener), callback, doorbell));
        Self {
            listener,
            journal,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.listener.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What a client trusts: the listener's certificate alone.
    pub(crate) fn trusting(&self) -> ClientConfig {
        let pem = self.listener.identity().unwrap().certificate();
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    pub(crate) fn session(&self, config: ClientConfig, name: &str) -> ClientConnection {
        ClientConnection::new(Arc::new(config), name.to_owned().try_into().unwrap()).unwrap()
    }

    /// A client after the TLS handshake's first half: it is completed by the first byte.
    pub(crate) fn seal(&self) -> Stream {
        let session = self.session(self.trusting(), "127.0.0.1");
        StreamOwned::new(session, self.connect())
    }

    /// A WebSocket client of the first form.
    pub(crate) fn visit(&self) -> Client {
        self.visit_at(&format!("/ws/{TOKEN}"))
    }

    pub(crate) fn visit_at(&self, path: &str) -> Client {
        let url = format!("wss://{}{path}", self.listener.address());
        let (mut client, _) = tungstenite::client(url, self.seal()).unwrap();
        // Its echo says that the connection has been entered.
        client.send(Message::text("hello")).unwrap();
        while hear(&mut client) != Message::text("hello") {}
        client
    }

    /// Waits until a condition holds that somebody else brings about.
    pub(crate) fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < end, "never happened: {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// That the house goes on: somebody new is served.
    pub(crate) fn serves(&self) {
        let mut client = self.visit();
        client.close(None).unwrap();
        end(client);
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The next message that is no sign of life.
pub(crate) fn hear(client: &mut Client) -> Message {
    loop {
        match client.read().unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Text(text) if text.as_str() == r#"{"type":"ping"}"# => {}
            message => return message,
        }
    }
}

/// Reads to the close frame's code, and to the orderly end of TLS behind it: a cut would be an error.
pub(crate) fn end(mut client: Client) -> Option<u16> {
    let mut code = None;
    loop {
        match client.read() {
            Ok(Message::Close(frame)) => code = frame.map(|frame| frame.code.into()),
            Ok(_) => {}
            Err(tungstenite::Error::ConnectionClosed) => break,
            Err(error) => panic!("after {code:?}: {error}"),
        }
    }
    let rest = client.get_mut().read(&mut [0; 64]);
    assert!(matches!(rest, Ok(0)), "no close_notify: {rest:?}");
    code
}

/// Writes bytes as they are and reads to the end; a reset is an end too.
pub(crate) fn knock(mut stream: TcpStream, bytes: &[u8]) -> Vec<u8> {
    let _ = stream.write_all(bytes);
    ended(stream)
}

pub(crate) fn ended(mut stream: TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    if let Err(error) = stream.read_to_end(&mut heard) {
        assert!(
            !matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            ),
            "it was never closed"
        );
    }
    heard
}

/// The application: as a host's thread does it, awake while there is something to take.
async fn repeat(listener: Arc<Listener>, callback: Arc<Callback>, doorbell: Arc<Doorbell>) {
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    loop {
        callback.drain(&mut bytes, &mut ends);
        while let Some(letter) = callback.inbox().take() {
            if let InboxItem::Message { from, data, binary } = letter {
                // A client that has closed meanwhile hears nothing more.
                let _ = listener.send(&from.id, &data, binary);
            }
        }
        if callback.park() {
            doorbell.0.notified().await;
        }
    }
}
