//! A server whose answers are given byte for byte: an origin, or the HTTP proxy in front of one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The answer to one request.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Its parts, with a pause before each part but the first.
    pub parts: Vec<Vec<u8>>,
    pub pause: Duration,
    /// Close after the last part; otherwise the next request is read.
    pub closes: bool,
}

impl Said {
    pub fn once(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            parts: vec![bytes.into()],
            ..Self::default()
        }
    }

    pub fn and_closes(self) -> Self {
        Self {
            closes: true,
            ..self
        }
    }
}

/// Answers a CONNECT as a proxy does that works, and every other request as the test says.
pub struct Origin {
    pub address: SocketAddr,
    /// How many requests of CONNECT came: checks, and nothing else.
    pub checks: Arc<AtomicU64>,
    /// How many connections came.
    pub connections: Arc<AtomicU64>,
    heads: Arc<Mutex<Vec<Vec<u8>>>>,
    said: Arc<Mutex<Said>>,
    /// The answer to CONNECT, and how long it takes.
    connect: Arc<Mutex<(&'static str, Duration)>>,
}

impl Origin {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Self {
            address: listener.local_addr().unwrap(),
            checks: Arc::default(),
            connections: Arc::default(),
            heads: Arc::default(),
            said: Arc::default(),
            connect: Arc::new(Mutex::new(("HTTP/1.1 200 OK\r\n\r\n", Duration::ZERO))),
        };
        let shared = (
            Arc::clone(&origin.checks),
            Arc::clone(&origin.heads),
            Arc::clone(&origin.said),
            Arc::clone(&origin.connect),
        );
        let connections = Arc::clone(&origin.connections);
        tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Relaxed);
                let (checks, heads, said, connect) = shared.clone();
                open.spawn(async move {
                    serve(stream, &checks, &heads, &said, &connect).await;
                });
            }
        });
        origin
    }

    /// The answer to requests from now on.
    pub fn says(&self, said: Said) {
        *self.said.lock() = said;
    }

    pub fn answers_connect(&self, answer: &'static str) {
        self.connect.lock().0 = answer;
    }

    pub fn delays_connect(&self, pause: Duration) {
        self.connect.lock().1 = pause;
    }

    pub fn checks(&self) -> u64 {
        self.checks.load(Relaxed)
    }

    /// The heads of requests since the last call.
    pub fn heads(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *self.heads.lock())
    }

    /// It as an HTTP proxy.
    pub fn entry(&self) -> String {
        super::entry("http", self.address, "")
    }
}

async fn serve(
    mut stream: TcpStream,
    checks: &AtomicU64,
    heads: &Mutex<Vec<Vec<u8>>>,
    said: &Mutex<Said>,
    connect: &Mutex<(&'static str, Duration)>,
) -> Option<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        if head.starts_with(b"CONNECT ") {
            checks.fetch_add(1, Relaxed);
            let (answer, pause) = *connect.lock();
            tokio::time::sleep(pause).await;
            stream.write_all(answer.as_bytes()).await.ok()?;
            continue;
        }
        heads.lock().push(head);
        let said = said.lock().clone();
        for (at, part) in said.parts.iter().enumerate() {
            if at > 0 {
                tokio::time::sleep(said.pause).await;
            }
            stream.write_all(part).await.ok()?;
        }
        if said.closes {
            return stream.shutdown().await.ok();
        }
    }
}
