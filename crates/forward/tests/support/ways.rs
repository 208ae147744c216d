//! The ways in which a connection through a port can end, each with a port, an upstream and sums of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::upstream::{Kind, Upstream};
use crate::support::{self, Bench, quick, read_to_end, socks, socks_name, tunnel};

/// What a target sends to somebody who reads nothing: more than a relay holds.
const FLOOD: usize = 256 << 10;
const REQUEST: &[u8] = b"GET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n";
const CONNECT: &[u8] = b"CONNECT h.test:1 HTTP/1.1\r\nHost: h.test:1\r\n\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Closed in good order from the client's side.
    ClientEnds,
    /// Closed in good order from the target's side.
    TargetEnds,
    /// Reset by the client.
    ClientResets,
    /// Dropped by the client with bytes under way both ways.
    ClientDrops,
    /// A client that is still there and neither reads nor writes any more.
    ClientVanishes,
    /// Reset by the upstream.
    UpstreamResets,
    /// An upstream that dies with all its connections.
    UpstreamDies,
    /// An upstream that says nothing, and a client that waits.
    UpstreamSilent,
    /// The same, and the client does not wait.
    ClientImpatient,
    /// A client that says nothing.
    ClientSilent,
    /// Half a head.
    HalfHead,
    /// A target that the upstream cannot reach.
    Refused,
    /// Nothing moves for too long.
    Idle,
    /// Two requests on one connection.
    Requests,
    /// An answer that breaks off.
    HalfAnswer,
}

pub(crate) const WAYS: [Way; 15] = [
    Way::ClientEnds,
    Way::TargetEnds,
    Way::ClientResets,
    Way::ClientDrops,
    Way::ClientVanishes,
    Way::UpstreamResets,
    Way::UpstreamDies,
    Way::UpstreamSilent,
    Way::ClientImpatient,
    Way::ClientSilent,
    Way::HalfHead,
    Way::Refused,
    Way::Idle,
    Way::Requests,
    Way::HalfAnswer,
];

/// Payload bytes at both ends of a port: what its counters must agree with.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    /// Given away by clients, and received by them.
    pub(crate) sent: AtomicU64,
    pub(crate) got: AtomicU64,
    /// Received and given away by the target, where it counts.
    pub(crate) arrived: AtomicU64,
    pub(crate) answered: AtomicU64,
}

/// Where connections end in one way.
pub(crate) struct Ground {
    pub(crate) way: Way,
    pub(crate) bench: Bench,
    pub(crate) sums: Arc<Sums>,
    upstream: Upstream,
    target: SocketAddr,
}

impl Ground {
    pub(crate) async fn new(way: Way) -> Self {
        let kind = match way {
            Way::UpstreamResets => Kind::DiesMidway,
            Way::UpstreamSilent | Way::ClientImpatient | Way::Requests => Kind::Http,
            Way::HalfAnswer => Kind::HalfAnswer,
            _ => Kind::Socks,
        };
        let mut settings = quick();
        if matches!(way, Way::Idle | Way::ClientVanishes) {
            // Long enough for a stalling machine between two steps of a connection.
            settings.idle_timeout = Duration::from_secs(1);
        }
        let mut upstream = Upstream::start(kind).await;
        let bench = Bench::forwarding(settings, upstream.entry("")).await;
        if matches!(way, Way::UpstreamSilent | Way::ClientImpatient) {
            upstream.kill().await;
            upstream.become_kind(Kind::Silent);
            bench.hurry();
        }
        let sums = Arc::<Sums>::default();
        let target = target(way, Arc::clone(&sums)).await;
        Self {
            way,
            bench,
            sums,
            upstream,
            target,
        }
    }

    /// That many connections at once, each to its end.
    pub(crate) async fn round(&mut self, count: usize) {
        if self.way == Way::UpstreamDies {
            return self.upstream_dies(count).await;
        }
        let each = (0..count).map(|_| self.one());
        support::soon("round", all(each.collect())).await;
        // The upstream's own list must not look like something that the port left.
        self.upstream.asked();
    }

    fn sent(&self, count: usize) {
        self.sums.sent.fetch_add(count as u64, Relaxed);
    }

    fn got(&self, count: usize) {
        self.sums.got.fetch_add(count as u64, Relaxed);
    }

    /// Hands bytes to the port.
    async fn send(&self, stream: &mut TcpStream, bytes: &[u8]) {
        self.sent(bytes.len());
        // A peer that has reset meanwhile is one of the ways.
        let _ = stream.write_all(bytes).await;
    }

    /// Sends these bytes and waits until they have come back.
    async fn talk(&self, stream: &mut TcpStream, bytes: &[u8]) {
        self.send(stream, bytes).await;
        let mut back = vec![0; bytes.len()];
        support::soon("echo", stream.read_exact(&mut back))
            .await
            .unwrap();
        self.got(back.len());
    }

    async fn end(&self, stream: &mut TcpStream) {
        self.got(read_to_end(stream).await.len());
    }

    async fn upstream_dies(&mut self, count: usize) {
        let mut streams = Vec::new();
        for _ in 0..count {
            let mut stream = tunnel(&self.bench, self.target).await;
            self.talk(&mut stream, b"hello").await;
            streams.push(stream);
        }
        self.upstream.kill().await;
        for stream in &mut streams {
            self.end(stream).await;
        }
        self.upstream.revive();
    }

    async fn one(&self) {
        match self.way {
            Way::ClientSilent => drop(self.bench.connect().await),
            Way::HalfHead => {
                let mut stream = self.bench.connect().await;
                let _ = stream.write_all(&REQUEST[..12]).await;
            }
            Way::UpstreamSilent | Way::ClientImpatient => {
                let mut stream = self.bench.connect().await;
                stream.write_all(CONNECT).await.unwrap();
                if self.way == Way::UpstreamSilent {
                    let answer = read_to_end(&mut stream).await;
                    // Once the upstream is known to be dead it is not asked again for a while.
                    assert!(answer.starts_with("HTTP/1.1 50"), "{answer}");
                }
            }
            Way::Refused => {
                let mut stream = self.bench.connect().await;
                let nobody = socks_name(b"a.upstream.test", 1);
                assert_eq!(socks(&mut stream, 1, &nobody).await, 5);
            }
            Way::Requests => {
                let mut stream = self.bench.connect().await;
                for _ in 0..2 {
                    stream.write_all(REQUEST).await.unwrap();
                    let answer = support::read_until(&mut stream, "hop=false").await;
                    self.got(answer.len());
                }
            }
            Way::HalfAnswer => {
                let mut stream = self.bench.connect().await;
                stream.write_all(REQUEST).await.unwrap();
                self.end(&mut stream).await;
            }
            Way::UpstreamDies => {}
            _ => self.tunnelled().await,
        }
    }

    async fn tunnelled(&self) {
        let mut stream = tunnel(&self.bench, self.target).await;
        match self.way {
            Way::ClientEnds => {
                self.send(&mut stream, b"bye").await;
                stream.shutdown().await.unwrap();
                self.end(&mut stream).await;
            }
            Way::ClientResets => {
                self.send(&mut stream, b"bye").await;
                stream.set_zero_linger().unwrap();
            }
            Way::ClientDrops => self.send(&mut stream, &[0; 10_000]).await,
            Way::ClientVanishes => {
                self.send(&mut stream, b"more").await;
                // Not a byte of the flood is read: only the end of the connection is waited for.
                support::soon("reset", async {
                    while !stream
                        .ready(tokio::io::Interest::ERROR)
                        .await
                        .unwrap()
                        .is_error()
                    {}
                })
                .await;
            }
            Way::Idle => {
                self.talk(&mut stream, b"hello").await;
                self.end(&mut stream).await;
            }
            _ => {
                self.send(&mut stream, b"12345").await;
                self.end(&mut stream).await;
            }
        }
    }
}

/// What the tunnels of one ground lead to: it answers in the way that fits, and counts.
async fn target(way: Way, sums: Arc<Sums>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, way, Arc::clone(&sums)));
        }
    });
    address
}

async fn answer(mut stream: TcpStream, way: Way, sums: Arc<Sums>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        sums.arrived.fetch_add(count as u64, Relaxed);
        let flood;
        let bytes = match way {
            Way::TargetEnds => &b"goodbye"[..],
            Way::ClientVanishes => {
                flood = vec![0; FLOOD];
                &flood
            }
            _ => &buffer[..count],
        };
        sums.answered.fetch_add(bytes.len() as u64, Relaxed);
        if stream.write_all(bytes).await.is_err() || way == Way::TargetEnds {
            return;
        }
    }
}

async fn all<F: std::future::Future<Output = ()>>(futures: Vec<F>) {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|cx| {
        futures.retain_mut(|future| future.as_mut().poll(cx).is_pending());
        if futures.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
