//! Small upstreams: HTTP and SOCKS5, with and without credentials, and some that fail.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// CONNECT and absolute form.
    Http,
    /// RFC 1928, 1929.
    Socks,
    /// Accepts and never answers.
    Silent,
    /// Accepts and resets.
    Resets,
    /// Answers 407 to everything.
    Refuses,
    /// Answers 403 to CONNECT.
    Forbids,
    /// Speaks another protocol.
    Rubbish,
    /// HTTP that resets each tunnel after 5 bytes from the client.
    DiesMidway,
    /// HTTP that answers a request with half an answer, then closes.
    HalfAnswer,
}

/// What all connections of one upstream share.
#[derive(Default)]
pub struct Seen {
    /// Connections accepted.
    pub connections: AtomicU64,
    /// The request lines or targets, as received.
    pub asked: Mutex<Vec<String>>,
}

pub struct Upstream {
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
    kind: Kind,
    credentials: Option<(String, String)>,
    task: Option<JoinHandle<()>>,
}

impl Upstream {
    pub async fn start(kind: Kind) -> Self {
        Self::with(kind, None).await
    }

    pub async fn with(kind: Kind, credentials: Option<(&str, &str)>) -> Self {
        let credentials =
            credentials.map(|(name, password)| (name.to_owned(), password.to_owned()));
        let mut upstream = Self {
            address: ([127, 0, 0, 1], super::free_port()).into(),
            seen: Arc::default(),
            kind,
            credentials,
            task: None,
        };
        upstream.revive();
        upstream
    }

    /// Stops it, connections included.
    pub async fn kill(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    pub fn revive(&mut self) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        let listener = socket.listen(1024).unwrap();
        let (kind, seen, credentials) =
            (self.kind, Arc::clone(&self.seen), self.credentials.clone());
        self.task = Some(tokio::spawn(run(listener, kind, seen, credentials)));
    }

    /// Starts again as another kind at the same address.
    pub fn become_kind(&mut self, kind: Kind) {
        self.kind = kind;
        self.revive();
    }

    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.asked.lock())
    }

    pub fn entry(&self, more: &str) -> String {
        let protocol = if self.kind == Kind::Socks {
            "socks5"
        } else {
            "http"
        };
        super::entry(protocol, self.address, more)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn run(
    listener: TcpListener,
    kind: Kind,
    seen: Arc<Seen>,
    credentials: Option<(String, String)>,
) {
    // Dropped with this task, and all connections with it.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        seen.connections.fetch_add(1, Ordering::Relaxed);
        connections.spawn(serve(stream, kind, Arc::clone(&seen), credentials.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    mut stream: TcpStream,
    kind: Kind,
    seen: Arc<Seen>,
    credentials: Option<(String, String)>,
) {
    match kind {
        Kind::Socks => drop(serve_socks(stream, &seen, credentials).await),
        Kind::Silent => {
            let mut waste = [0; 4096];
            while matches!(stream.read(&mut waste).await, Ok(1..)) {}
        }
        Kind::Resets => drop(stream.set_zero_linger()),
        Kind::Rubbish => {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
        }
        _ => drop(serve_http(stream, kind, &seen, credentials).await),
    }
}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn serve_http(
    mut stream: TcpStream,
    kind: Kind,
    seen: &Seen,
    credentials: Option<(String, String)>,
) -> Option<()> {
    let head = head(&mut stream).await?;
    let line = head.lines().next()?.to_owned();
    seen.asked.lock().push(line.clone());
    let allowed = credentials.is_none_or(|(name, password)| {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
        head.contains(&format!("\r\nProxy-Authorization: Basic {pair}\r\n"))
    });
    if kind == Kind::Refuses || !allowed {
        let refusal = "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"up\"\r\nContent-Length: 0\r\n\r\n";
        return stream.write_all(refusal.as_bytes()).await.ok();
    }
    if kind == Kind::HalfAnswer && !line.starts_with("CONNECT") {
        let half = "HTTP/1.1 200 OK\r\n\r\nhalf an ans";
        stream.write_all(half.as_bytes()).await.ok()?;
        // Time for the reader: a reset discards unread data.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        return stream.set_zero_linger().ok();
    }
    if !line.starts_with("CONNECT") {
        answer_requests(stream, head.into_bytes()).await;
        return Some(());
    }
    if kind == Kind::Forbids {
        return stream
            .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            .await
            .ok();
    }
    let target = line.split(' ').nth(1)?.to_owned();
    let Ok(mut onward) = TcpStream::connect(resolve(&target)).await else {
        return stream
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            .await
            .ok();
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
    if kind == Kind::DiesMidway {
        let mut bytes = [0; 5];
        stream.read_exact(&mut bytes).await.ok()?;
        return stream.set_zero_linger().ok();
    }
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
    Some(())
}

/// Names that only the upstream resolves: `*.upstream.test` is this machine.
fn resolve(target: &str) -> String {
    match target.split_once(".upstream.test:") {
        Some((_, port)) => format!("127.0.0.1:{port}"),
        None => target.to_owned(),
    }
}

async fn serve_socks(
    mut stream: TcpStream,
    seen: &Seen,
    credentials: Option<(String, String)>,
) -> Option<()> {
    let mut start = [0; 2];
    stream.read_exact(&mut start).await.ok()?;
    let mut methods = vec![0; start[1].into()];
    stream.read_exact(&mut methods).await.ok()?;
    if let Some((name, password)) = credentials {
        if !methods.contains(&2) {
            return stream.write_all(&[5, 0xff]).await.ok();
        }
        stream.write_all(&[5, 2]).await.ok()?;
        let mut given = Vec::new();
        let _version = stream.read_u8().await.ok()?;
        for _ in 0..2 {
            let mut part = vec![0; stream.read_u8().await.ok()?.into()];
            stream.read_exact(&mut part).await.ok()?;
            given.push(part);
        }
        if given != [name.as_bytes(), password.as_bytes()] {
            return stream.write_all(&[1, 1]).await.ok();
        }
        stream.write_all(&[1, 0]).await.ok()?;
    } else {
        stream.write_all(&[5, 0]).await.ok()?;
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await.ok()?;
    let host = match request[3] {
        1 => {
            let mut octets = [0; 4];
            stream.read_exact(&mut octets).await.ok()?;
            std::net::Ipv4Addr::from(octets).to_string()
        }
        4 => {
            let mut octets = [0; 16];
            stream.read_exact(&mut octets).await.ok()?;
            format!("[{}]", std::net::Ipv6Addr::from(octets))
        }
        _ => {
            let mut name = vec![0; stream.read_u8().await.ok()?.into()];
            stream.read_exact(&mut name).await.ok()?;
            String::from_utf8(name).ok()?
        }
    };
    let target = format!("{host}:{}", stream.read_u16().await.ok()?);
    seen.asked.lock().push(target.clone());
    let mut onward = match TcpStream::connect(resolve(&target)).await {
        Ok(onward) => onward,
        Err(_) => return stream.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok(),
    };
    stream.write_all(&[5, 0, 0, 3, 1, b'x', 0, 0]).await.ok()?;
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
    Some(())
}

/// An HTTP server: answers `line|host|body` to each request; the head of the first one may have been read already.
pub async fn answer_requests(mut stream: TcpStream, mut first: Vec<u8>) {
    loop {
        let text = if first.is_empty() {
            match head(&mut stream).await {
                Some(text) => text,
                None => return,
            }
        } else {
            String::from_utf8(std::mem::take(&mut first)).unwrap()
        };
        let value = |name: &str| {
            text.lines().find_map(|line| {
                let (key, value) = line.split_once(": ")?;
                key.eq_ignore_ascii_case(name).then(|| value.to_owned())
            })
        };
        let mut body = Vec::new();
        if let Some(length) = value("content-length") {
            body.resize(length.parse().unwrap(), 0);
            if stream.read_exact(&mut body).await.is_err() {
                return;
            }
        } else if value("transfer-encoding").is_some() {
            while !body.ends_with(b"0\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => body.push(byte),
                    Err(_) => return,
                }
            }
        }
        let line = text.lines().next().unwrap().to_owned();
        let hop = text.to_lowercase().contains("proxy-") || text.to_lowercase().contains("x-hop");
        let answer = format!(
            "{line}|{}|{}|hop={hop}",
            value("host").unwrap_or_default(),
            String::from_utf8_lossy(&body),
        );
        let chunked = line.contains("/chunked");
        let message = if chunked {
            let size = answer.len();
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size:x};x=y\r\n{answer}\r\n0\r\nTrailer: 1\r\n\r\n"
            )
        } else if line.contains("/close") {
            format!("HTTP/1.0 200 OK\r\n\r\n{answer}")
        } else {
            let body = if line.starts_with("HEAD") {
                ""
            } else {
                &answer
            };
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nKeep-Alive: 5\r\n\r\n{body}",
                answer.len()
            )
        };
        if stream.write_all(message.as_bytes()).await.is_err() || line.contains("/close") {
            return;
        }
    }
}
