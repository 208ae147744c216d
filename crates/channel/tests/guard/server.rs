//! An accept loop with a guard on a free port, and a client that writes raw requests.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use loopwire_channel::{
    Admitted, Handshake, Hosts, ListeningSocket, Observer, Origins, Policy, RequestLimits, Socket,
    Token, TokenCell, bind, serve, take_socket,
};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::{PATIENCE, TOKEN, until_async};

/// Every route of a listener that needs a token, with a path token that is wrong.
pub(crate) const GUARDED: [(&str, &str); 10] = [
    ("GET", "/"),
    ("GET", "/ws"),
    ("GET", "/ws/wrong"),
    ("GET", "/ws/connection"),
    ("GET", "/ws/connections"),
    ("POST", "/ws/connect"),
    ("POST", "/ws/disconnect"),
    ("GET", "/metrics"),
    ("GET", "/echo"),
    ("GET", "/no/such/route"),
];

/// Records what the guard reports.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) origins: Mutex<Vec<(String, Option<&'static str>)>>,
    pub(crate) panics: Mutex<Vec<String>>,
}

impl Observer for Observed {
    fn refused_origin(&self, origin: &str, option: Option<&'static str>) {
        self.origins.lock().push((origin.to_owned(), option));
    }

    fn panicked(&self, component: &'static str, message: &str) {
        self.panics.lock().push(format!("{component}: {message}"));
    }
}

/// A running listener.
pub(crate) struct GuardServer {
    pub(crate) port: u16,
    pub(crate) policy: Arc<Policy>,
    pub(crate) token: Arc<TokenCell>,
    pub(crate) observed: Arc<Observed>,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinHandle<()>,
    _watch: loopwire_testing::Watch,
}

/// A whole response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) raw: String,
}

impl GuardServer {
    /// With the default limits.
    pub(crate) async fn start() -> Self {
        Self::with(RequestLimits::default(), |policy| policy).await
    }

    /// With other limits.
    pub(crate) async fn with_limits(limits: RequestLimits) -> Self {
        Self::with(limits, |policy| policy).await
    }

    /// With other limits and a changed policy.
    pub(crate) async fn with(limits: RequestLimits, change: impl FnOnce(Policy) -> Policy) -> Self {
        let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let handle = tokio::runtime::Handle::current();
        let port = listener.local_addr().unwrap().port();
        let listener = ListeningSocket::new(listener, &handle).unwrap();
        let token = Arc::new(TokenCell::new(Token::parse(TOKEN).unwrap()));
        let observed = Arc::new(Observed::default());
        let hosts = Hosts::loopback(port, false);
        let policy = Policy::channel(hosts, Origins::default(), Arc::clone(&token))
            .with_observer(Arc::clone(&observed) as _);
        let policy = Arc::new(change(policy));
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve(
            listener,
            app(),
            Arc::clone(&policy),
            limits,
            stop.clone(),
        ));
        Self {
            port,
            policy,
            token,
            observed,
            stop,
            served,
            _watch: loopwire_testing::Watch::new(),
        }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Sends `head` (method, target and further header lines, without Host) and returns the response.
    pub(crate) async fn ask(&self, method: &str, target: &str, headers: &str) -> Answer {
        let host = format!("Host: 127.0.0.1:{}\r\n", self.port);
        self.send(&format!(
            "{method} {target} HTTP/1.1\r\n{host}{headers}\r\n"
        ))
        .await
    }

    /// Sends exactly this and returns the response.
    pub(crate) async fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        // The server may answer and close before it has read all.
        let _ = stream.write_all(request.as_bytes()).await;
        answer(&mut stream).await
    }

    /// Opens a WebSocket connection; returns the response, and what the handler writes to the socket.
    pub(crate) async fn upgrade(&self, target: &str, headers: &str) -> Answer {
        self.ask("GET", target, &format!("{}{headers}", handshake()))
            .await
    }

    pub(crate) async fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        until_async(what, || condition(self)).await;
    }
}

impl Answer {
    /// The value of a header that must not be given twice.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head().lines().filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        let value = values.next();
        assert!(values.next().is_none(), "{name} twice: {}", self.raw);
        value
    }

    pub(crate) fn head(&self) -> &str {
        self.raw.split("\r\n\r\n").next().unwrap()
    }

    pub(crate) fn body(&self) -> &str {
        self.raw
            .split_once("\r\n\r\n")
            .map_or("", |halves| halves.1)
    }

    /// The code and the message of an error response, whose form and headers are checked.
    pub(crate) fn refusal(&self) -> (String, String) {
        let body: serde_json::Value = serde_json::from_str(self.body()).expect(&self.raw);
        assert_eq!(body["success"], false, "{}", self.raw);
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        let length = self.body().len().to_string();
        assert_eq!(self.header("content-length"), Some(length.as_str()));
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        (text("code"), text("error"))
    }
}

/// The header lines of a handshake, the key of RFC 6455.
pub(crate) fn handshake() -> String {
    "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        .to_owned()
}

/// The header line with the token.
pub(crate) fn bearer() -> String {
    format!("Authorization: Bearer {TOKEN}\r\n")
}

/// Reads the response to the end. A reset counts as the end.
pub(crate) async fn answer(stream: &mut TcpStream) -> Answer {
    let mut raw = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut raw)).await;
    assert!(end.is_ok(), "no end: {}", String::from_utf8_lossy(&raw));
    let raw = String::from_utf8(raw).unwrap();
    let status = raw
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    Answer { status, raw }
}

/// Waits until the server has closed. Returns what it sent before.
pub(crate) async fn closed(stream: &mut TcpStream) -> String {
    answer(stream).await.raw
}

fn app() -> Router {
    Router::new()
        .route("/", any(upgrade))
        .route("/ws", any(upgrade))
        .route("/ws/{token}", any(upgrade))
        .route("/ws/connection", get(fine))
        .route("/ws/connections", get(fine))
        .route("/ws/connect", post(fine))
        .route("/ws/disconnect", post(fine))
        .route("/health", get(fine))
        .route("/inspect", get(|| async { "page" }))
        .route("/inspect/inspector.css", get(|| async { "style" }))
        .route("/inspect/inspector.js", get(|| async { "script" }))
        .route("/inspect/terminal.js", get(|| async { "script" }))
        .route("/metrics", get(fine))
        .route("/echo", any(|body: String| async { body }))
        .route("/never", get(std::future::pending::<&'static str>))
        .route("/panic", get(panic))
        .route("/large", get(|| async { vec![b'x'; 8 << 20] }))
}

async fn fine() -> Response {
    ([("content-type", "application/json")], "{\"success\":true}").into_response()
}

async fn panic() -> &'static str {
    panic!("the handler panicked")
}

/// Upgrades and writes how the client was admitted, and what it sent early.
async fn upgrade(request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let handshake = match Handshake::check(&parts) {
        Ok(handshake) => handshake,
        Err(refusal) => return refusal,
    };
    let admitted: Admitted = parts.extensions.remove().unwrap();
    let upgrade = parts.extensions.remove().unwrap();
    tokio::spawn(async move {
        let (Socket::Plain(mut stream), early) = take_socket(upgrade).await.unwrap() else {
            panic!("this server has no TLS");
        };
        let said = format!("{admitted:?} {}", String::from_utf8_lossy(&early));
        stream.write_all(said.as_bytes()).await.unwrap();
        if early.starts_with(b"stay") {
            tokio::io::copy(&mut stream.split().0, &mut tokio::io::sink())
                .await
                .unwrap();
            stream.write_all(b" bye").await.unwrap();
        }
    });
    handshake.response()
}
