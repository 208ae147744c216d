//! A house with a guard: a listener on a free port, and a client that writes raw requests.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use loopwire_channel::{
    Admitted, Handshake, Hosts, Observer, Origins, Policy, RequestLimits, Socket, Token, TokenCell,
    bind, serve, take_socket,
};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// The token of every house.
pub(crate) const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// Far more than anything here takes: reached only by what would never come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

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

/// What the observer heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) origins: Mutex<Vec<(String, Option<&'static str>)>>,
    pub(crate) panics: Mutex<Vec<String>>,
}

impl Observer for Heard {
    fn refused_origin(&self, origin: &str, option: Option<&'static str>) {
        self.origins.lock().push((origin.to_owned(), option));
    }

    fn panicked(&self, component: &'static str, message: &str) {
        self.panics.lock().push(format!("{component}: {message}"));
    }
}

/// A running listener.
pub(crate) struct House {
    pub(crate) port: u16,
    pub(crate) policy: Arc<Policy>,
    pub(crate) token: Arc<TokenCell>,
    pub(crate) heard: Arc<Heard>,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinHandle<()>,
}

/// What came back, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) raw: String,
}

impl House {
    /// The channel as it is by default.
    pub(crate) async fn open() -> Self {
        Self::with(RequestLimits::default(), |policy| policy).await
    }

    /// The channel with other limits.
    pub(crate) async fn limited(limits: RequestLimits) -> Self {
        Self::with(limits, |policy| policy).await
    }

    /// The channel with a policy that is changed first.
    pub(crate) async fn with(limits: RequestLimits, change: impl FnOnce(Policy) -> Policy) -> Self {
        let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let port = listener.local_addr().unwrap().port();
        let token = Arc::new(TokenCell::new(Token::parse(TOKEN).unwrap()));
        let heard = Arc::new(Heard::default());
        let hosts = Hosts::loopback(port, false);
        let policy = Policy::channel(hosts, Origins::default(), Arc::clone(&token))
            .with_observer(Arc::clone(&heard) as _);
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
            heard,
            stop,
            served,
        }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Sends `head` (method, target and further header lines, without Host) and gives the answer.
    pub(crate) async fn ask(&self, method: &str, target: &str, headers: &str) -> Answer {
        let host = format!("Host: 127.0.0.1:{}\r\n", self.port);
        self.send(&format!(
            "{method} {target} HTTP/1.1\r\n{host}{headers}\r\n"
        ))
        .await
    }

    /// Sends exactly this and gives the answer.
    pub(crate) async fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        // The other side may answer and close before it has read all.
        let _ = stream.write_all(request.as_bytes()).await;
        answer(&mut stream).await
    }

    /// Opens a WebSocket connection; gives the answer, and what the handler says on the socket.
    pub(crate) async fn upgrade(&self, target: &str, headers: &str) -> Answer {
        self.ask("GET", target, &format!("{}{headers}", handshake()))
            .await
    }

    /// Waits until a condition holds that somebody else brings about.
    pub(crate) async fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let waited = timeout(PATIENCE, async {
            while !condition(self) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        assert!(waited.await.is_ok(), "never happened: {what}");
    }
}

impl Answer {
    /// The value of a header, if it is there once.
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

    /// The JSON of a refusal, its form and its headers checked.
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

/// Reads to the end; a reset after the answer is an end.
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

/// Waits until the other side has closed; anything it says first is given.
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
    panic!("the handler fell over")
}

/// Upgrades, says who was admitted and repeats what it hears until the client has written `.`.
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
            panic!("this house speaks no TLS");
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
