//! The ways in which a connection through a port can end, each with its own port, upstream and sums.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::upstream::{Kind, Upstream};
use crate::support::{self, TestEngine, quick, read_to_end, socks, socks_name, tunnel};

/// What a target sends to a client that reads nothing: more than a relay buffers.
const FLOOD: usize = 256 << 10;
const REQUEST: &[u8] = b"GET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n";
const CONNECT: &[u8] = b"CONNECT h.test:1 HTTP/1.1\r\nHost: h.test:1\r\n\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Closed normally by the client.
    ClientEnds,
    /// Closed normally by the target.
    TargetEnds,
    /// Reset by the client.
    ClientResets,
    /// Dropped by the client while bytes flow in both directions.
    ClientDrops,
    /// A client that is connected, but neither reads nor writes any more.
    ClientVanishes,
    /// Reset by the upstream.
    UpstreamResets,
    /// An upstream that dies with all its connections.
    UpstreamDies,
    /// A silent upstream, and a client that waits.
    UpstreamSilent,
    /// A silent upstream, and a client that does not wait.
    ClientImpatient,
    /// A client that sends nothing.
    ClientSilent,
    /// Half a head.
    HalfHead,
    /// A target that the upstream cannot reach.
    Refused,
    /// No data for too long.
    Idle,
    /// Two requests on one connection.
    Requests,
    /// A truncated answer.
    HalfAnswer,
}

pub(crate) const ENDINGS: [Ending; 15] = [
    Ending::ClientEnds,
    Ending::TargetEnds,
    Ending::ClientResets,
    Ending::ClientDrops,
    Ending::ClientVanishes,
    Ending::UpstreamResets,
    Ending::UpstreamDies,
    Ending::UpstreamSilent,
    Ending::ClientImpatient,
    Ending::ClientSilent,
    Ending::HalfHead,
    Ending::Refused,
    Ending::Idle,
    Ending::Requests,
    Ending::HalfAnswer,
];

/// Payload bytes at both ends of a port, to compare with its counters.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    /// Sent by clients, and received by them.
    pub(crate) sent: AtomicU64,
    pub(crate) got: AtomicU64,
    /// Received and sent by the target, where it counts.
    pub(crate) arrived: AtomicU64,
    pub(crate) answered: AtomicU64,
}

/// The set-up for connections with one ending.
pub(crate) struct Scenario {
    pub(crate) ending: Ending,
    pub(crate) setup: TestEngine,
    pub(crate) sums: Arc<Sums>,
    upstream: Upstream,
    target: SocketAddr,
}

impl Scenario {
    pub(crate) async fn new(ending: Ending) -> Self {
        let kind = match ending {
            Ending::UpstreamResets => Kind::DiesMidway,
            Ending::UpstreamSilent | Ending::ClientImpatient | Ending::Requests => Kind::Http,
            Ending::HalfAnswer => Kind::HalfAnswer,
            _ => Kind::Socks,
        };
        let mut settings = quick();
        if matches!(ending, Ending::Idle | Ending::ClientVanishes) {
            // Long enough for a machine that stalls between two steps of a connection.
            settings.idle_timeout = Duration::from_secs(1);
        }
        let mut upstream = Upstream::start(kind).await;
        let setup = TestEngine::forwarding(settings, upstream.entry("")).await;
        if matches!(ending, Ending::UpstreamSilent | Ending::ClientImpatient) {
            upstream.kill().await;
            upstream.become_kind(Kind::Silent);
            setup.hurry();
        }
        let sums = Arc::<Sums>::default();
        let target = target(ending, Arc::clone(&sums)).await;
        Self {
            ending,
            setup,
            sums,
            upstream,
            target,
        }
    }

    /// Runs this many connections at once, each to its end.
    pub(crate) async fn round(&mut self, count: usize) {
        if self.ending == Ending::UpstreamDies {
            return self.upstream_dies(count).await;
        }
        let each = (0..count).map(|_| self.one());
        support::soon("round", all(each.collect())).await;
        // The upstream's own list must not look like a leak of the port.
        self.upstream.asked();
    }

    fn sent(&self, count: usize) {
        self.sums.sent.fetch_add(count as u64, Relaxed);
    }

    fn got(&self, count: usize) {
        self.sums.got.fetch_add(count as u64, Relaxed);
    }

    /// Sends bytes to the port.
    async fn send(&self, stream: &mut TcpStream, bytes: &[u8]) {
        self.sent(bytes.len());
        // The peer may have reset in the meantime.
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
            let mut stream = tunnel(&self.setup, self.target).await;
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
        match self.ending {
            Ending::ClientSilent => drop(self.setup.connect().await),
            Ending::HalfHead => {
                let mut stream = self.setup.connect().await;
                let _ = stream.write_all(&REQUEST[..12]).await;
            }
            Ending::UpstreamSilent | Ending::ClientImpatient => {
                let mut stream = self.setup.connect().await;
                stream.write_all(CONNECT).await.unwrap();
                if self.ending == Ending::UpstreamSilent {
                    let answer = read_to_end(&mut stream).await;
                    // After the upstream has failed it is not asked again for a while.
                    assert!(answer.starts_with("HTTP/1.1 50"), "{answer}");
                }
            }
            Ending::Refused => {
                let mut stream = self.setup.connect().await;
                let nobody = socks_name(b"a.upstream.test", 1);
                assert_eq!(socks(&mut stream, 1, &nobody).await, 5);
            }
            Ending::Requests => {
                let mut stream = self.setup.connect().await;
                for _ in 0..2 {
                    stream.write_all(REQUEST).await.unwrap();
                    let answer = support::read_until(&mut stream, "hop=false").await;
                    self.got(answer.len());
                }
            }
            Ending::HalfAnswer => {
                let mut stream = self.setup.connect().await;
                stream.write_all(REQUEST).await.unwrap();
                self.end(&mut stream).await;
            }
            Ending::UpstreamDies => {}
            _ => self.tunnelled().await,
        }
    }

    async fn tunnelled(&self) {
        let mut stream = tunnel(&self.setup, self.target).await;
        match self.ending {
            Ending::ClientEnds => {
                self.send(&mut stream, b"bye").await;
                stream.shutdown().await.unwrap();
                self.end(&mut stream).await;
            }
            Ending::ClientResets => {
                self.send(&mut stream, b"bye").await;
                stream.set_zero_linger().unwrap();
            }
            Ending::ClientDrops => self.send(&mut stream, &[0; 10_000]).await,
            Ending::ClientVanishes => {
                self.send(&mut stream, b"more").await;
                // Nothing is read: only the end of the connection is awaited.
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
            Ending::Idle => {
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

/// The target of a scenario's tunnels: it answers as the ending requires, and counts.
async fn target(ending: Ending, sums: Arc<Sums>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, ending, Arc::clone(&sums)));
        }
    });
    address
}

async fn answer(mut stream: TcpStream, ending: Ending, sums: Arc<Sums>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        sums.arrived.fetch_add(count as u64, Relaxed);
        let flood;
        let bytes = match ending {
            Ending::TargetEnds => &b"goodbye"[..],
            Ending::ClientVanishes => {
                flood = vec![0; FLOOD];
                &flood
            }
            _ => &buffer[..count],
        };
        sums.answered.fetch_add(bytes.len() as u64, Relaxed);
        if stream.write_all(bytes).await.is_err() || ending == Ending::TargetEnds {
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
