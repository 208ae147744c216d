//! A provider's API that gives the answers of a test, one connection per request, and keeps the requests.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Say {
    /// Send these bytes, then close.
    Bytes(String),
    /// Send these bytes when the test releases them.
    Held(String, Arc<Notify>),
    /// Send nothing while the client is connected.
    Nothing,
}

/// A complete answer.
pub fn answer(status: u16, headers: &str, body: &str) -> Say {
    let length = body.len();
    Say::Bytes(format!(
        "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    ))
}

pub struct Api {
    pub address: SocketAddr,
    heads: watch::Receiver<Vec<String>>,
    task: JoinHandle<()>,
}

impl Api {
    /// Gives these answers in order; further requests get the last one again.
    pub async fn start(answers: &[Say]) -> Self {
        Self::with(answers, None).await
    }

    pub async fn with(answers: &[Say], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, heads) = watch::channel(Vec::new());
        let asked = Arc::new(asked);
        let answers = Arc::new(Mutex::new(VecDeque::from(answers.to_vec())));
        let task = tokio::spawn(async move {
            // Dropped with this task, and all connections with it.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (asked, answers, tls) = (Arc::clone(&asked), Arc::clone(&answers), tls.clone());
                connections.spawn(async move {
                    match tls {
                        None => serve(stream, &asked, &answers).await,
                        Some(tls) => {
                            let stream = tls.accept(stream).await.ok()?;
                            serve(stream, &asked, &answers).await
                        }
                    }
                });
            }
        });
        Self {
            address,
            heads,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far: line and headers.
    pub fn asked(&self) -> Vec<String> {
        self.heads.borrow().clone()
    }

    /// Only the targets: `/proxies/a?b=c`.
    pub fn targets(&self) -> Vec<String> {
        let target = |head: &String| head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.heads.borrow().iter().map(target).collect()
    }

    /// Waits until this many requests have come.
    pub async fn until(&self, count: usize) {
        let mut heads = self.heads.clone();
        heads.wait_for(|heads| heads.len() >= count).await.unwrap();
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    asked: &watch::Sender<Vec<String>>,
    answers: &Mutex<VecDeque<Say>>,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let say = {
        let mut answers = answers.lock();
        let next = answers.pop_front()?;
        if answers.is_empty() {
            answers.push_back(next.clone());
        }
        next
    };
    asked.send_modify(|heads| heads.push(String::from_utf8_lossy(&head).into_owned()));
    if let Say::Held(_, go) = &say {
        go.notified().await;
    }
    if let Say::Bytes(bytes) | Say::Held(bytes, _) = say {
        stream.write_all(bytes.as_bytes()).await.ok()?;
        stream.shutdown().await.ok()?;
    }
    // Read until the client closes: a reset would overtake the answer.
    let mut waste = [0; 512];
    while matches!(stream.read(&mut waste).await, Ok(1..)) {}
    Some(())
}
