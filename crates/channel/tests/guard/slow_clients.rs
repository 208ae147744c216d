//! Slow clients: an incomplete request is closed in time, and never locks out other clients.

use std::time::{Duration, Instant};

use loopwire_channel::{
    MAX_BODY_BYTES, MAX_HEAD_BYTES, MAX_HEADERS, MAX_OPEN_HEADS, RECEIVE_DEADLINE,
    REQUEST_DEADLINE, Reason, RequestLimits,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{GuardServer, answer, bearer, closed, handshake};
use crate::support::{PATIENCE, TOKEN, flood};

/// A time that is over soon, and one that is never over in a test.
const SOON: Duration = Duration::from_millis(150);
const NEVER: Duration = Duration::from_secs(600);

#[test]
fn the_default_limits() {
    assert_eq!(RECEIVE_DEADLINE, Duration::from_secs(5));
    assert_eq!(REQUEST_DEADLINE, Duration::from_secs(5));
    assert_eq!(MAX_OPEN_HEADS, 64);
    assert_eq!(MAX_HEADERS, 64);
    assert_eq!(MAX_HEAD_BYTES, 16 * 1024);
    assert_eq!(MAX_BODY_BYTES, 16 * 1024);
    let limits = RequestLimits::default();
    assert_eq!(
        (
            limits.receive,
            limits.request,
            limits.open_heads,
            limits.headers
        ),
        (
            RECEIVE_DEADLINE,
            REQUEST_DEADLINE,
            MAX_OPEN_HEADS,
            MAX_HEADERS
        )
    );
    assert_eq!(
        (limits.head_bytes, limits.body_bytes),
        (MAX_HEAD_BYTES, MAX_BODY_BYTES)
    );
}

async fn impatient_receiver() -> GuardServer {
    GuardServer::with_limits(RequestLimits {
        receive: SOON,
        request: NEVER,
        ..RequestLimits::default()
    })
    .await
}

#[tokio::test]
async fn silence_and_half_a_head_end_with_the_receive_deadline() {
    let server = impatient_receiver().await;
    for start in [
        "",
        "GET",
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ",
    ] {
        let mut stream = server.connect().await;
        stream.write_all(start.as_bytes()).await.unwrap();
        assert!(!closed(&mut stream).await.contains(" 200 "), "{start:?}");
    }
    server
        .until("three deadlines", |server| {
            server.policy.counters.refused(Reason::Deadline) == 3
                && server.policy.counters.open_heads() == 0
        })
        .await;
}

/// Writes a byte at a time until the other side has had enough; whether it had.
async fn drip(stream: TcpStream, text: &str) -> bool {
    let (mut reader, mut writer) = stream.into_split();
    let end = tokio::spawn(async move { reader.read_to_end(&mut Vec::new()).await });
    let dripping = async {
        for byte in text.bytes().cycle() {
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(SOON / 10).await;
        }
    };
    tokio::select! {
        () = dripping => true,
        ended = end => ended.is_ok(),
        () = tokio::time::sleep(PATIENCE) => false,
    }
}

#[tokio::test]
async fn a_dripping_head_ends_with_the_receive_deadline() {
    let server = impatient_receiver().await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert!(drip(stream, "X-A: b\r\n").await);
}

#[tokio::test]
async fn a_missing_body_ends_with_the_receive_deadline() {
    let server = impatient_receiver().await;
    let head = format!(
        "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}Content-Length: 1000\r\n\r\n",
        server.port,
        bearer()
    );
    let mut silent = server.connect().await;
    silent.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(closed(&mut silent).await, "");
    let mut dripping = server.connect().await;
    dripping.write_all(head.as_bytes()).await.unwrap();
    assert!(drip(dripping, "b").await);
}

#[tokio::test]
async fn a_missing_or_unread_response_ends_with_the_request_deadline() {
    let server = GuardServer::with_limits(RequestLimits {
        receive: NEVER,
        request: SOON,
        ..RequestLimits::default()
    })
    .await;
    assert_eq!(server.ask("GET", "/never", &bearer()).await.raw, "");
    let mut deaf = server.connect().await;
    let head = format!(
        "GET /large HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n",
        server.port,
        bearer()
    );
    deaf.write_all(head.as_bytes()).await.unwrap();
    server
        .until("two deadlines", |server| {
            server.policy.counters.refused(Reason::Deadline) == 2
        })
        .await;
    // An upgraded connection is not under it any more.
    let mut upgraded = stay(&server).await;
    tokio::time::sleep(SOON * 2).await;
    upgraded.shutdown().await.unwrap();
    assert!(closed(&mut upgraded).await.ends_with(" bye"));
}

/// A WebSocket connection that lasts until it is shut down.
pub(crate) async fn stay(server: &GuardServer) -> TcpStream {
    let mut stream = server.connect().await;
    let head = format!(
        "GET /ws/{TOKEN} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\nstay",
        server.port,
        handshake()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"stay") {
        assert_ne!(stream.read_buf(&mut said).await.unwrap(), 0);
    }
    stream
}

/// Opens a request that is incomplete and waits until the listener has it.
async fn half(server: &GuardServer, open: u64) -> TcpStream {
    let mut stream = server.connect().await;
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n",
        server.port
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    server
        .until("the opener is in", |server| {
            server.policy.counters.open_heads() >= open
        })
        .await;
    stream
}

#[tokio::test]
async fn one_connection_too_many_closes_the_oldest() {
    let server = GuardServer::with_limits(RequestLimits {
        receive: NEVER,
        request: NEVER,
        ..RequestLimits::default()
    })
    .await;
    // A request that waits for its response, and a WebSocket, are no longer incomplete.
    let mut waiting = server.connect().await;
    let head = format!(
        "GET /never HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n",
        server.port,
        bearer()
    );
    waiting.write_all(head.as_bytes()).await.unwrap();
    let mut upgraded = stay(&server).await;
    server
        .until("no opener", |server| {
            server.policy.counters.open_heads() == 0
        })
        .await;

    let mut openers = Vec::new();
    for open in 1..=MAX_OPEN_HEADS as u64 {
        openers.push(half(&server, open).await);
    }
    assert_eq!(server.policy.counters.refused(Reason::Crowded), 0);
    let mut last = server.connect().await;
    assert_eq!(closed(&mut openers[0]).await, "");
    assert_eq!(server.policy.counters.refused(Reason::Crowded), 1);
    assert_eq!(server.policy.counters.open_heads(), MAX_OPEN_HEADS as u64);
    // All the others are still there.
    for opener in &mut openers[1..] {
        opener.write_all(b"\r\n").await.unwrap();
        assert_eq!(answer(opener).await.status, 200);
    }
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        server.port
    );
    last.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut last).await.status, 200);
    upgraded.shutdown().await.unwrap();
    assert!(closed(&mut upgraded).await.ends_with(" bye"));
    let still = tokio::time::timeout(Duration::from_millis(20), waiting.read_u8()).await;
    assert!(still.is_err(), "the waiting request was turned out");
}

/// One thread, and clients that are in the kernel's queue already with their heads: the accept loop
/// could take them all before any of their tasks has had a turn.
#[tokio::test]
async fn no_connection_is_closed_before_its_socket_was_read() {
    let server = GuardServer::with_limits(RequestLimits {
        receive: NEVER,
        request: NEVER,
        open_heads: 1,
        ..RequestLimits::default()
    })
    .await;
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        server.port
    );
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = std::net::TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        std::io::Write::write_all(&mut client, head.as_bytes()).unwrap();
        client.set_nonblocking(true).unwrap();
        clients.push(TcpStream::from_std(client).unwrap());
    }
    for client in &mut clients {
        assert_eq!(answer(client).await.status, 200);
    }
    assert_eq!(server.policy.counters.refused(Reason::Crowded), 0);
}

#[tokio::test]
async fn requests_with_a_missing_body_count_as_incomplete() {
    let server = GuardServer::with_limits(RequestLimits {
        receive: NEVER,
        request: NEVER,
        open_heads: 2,
        ..RequestLimits::default()
    })
    .await;
    let head = format!(
        "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}Content-Length: 9\r\n\r\n",
        server.port,
        bearer()
    );
    let mut posts = Vec::new();
    for _ in 0..3 {
        let mut post = server.connect().await;
        post.write_all(head.as_bytes()).await.unwrap();
        posts.push(post);
    }
    assert_eq!(closed(&mut posts[0]).await, "");
    posts[2].write_all(b"the body.").await.unwrap();
    assert_eq!(answer(&mut posts[2]).await.body(), "the body.");
}

#[tokio::test]
async fn unread_responses_are_bounded() {
    let server = GuardServer::with_limits(RequestLimits {
        receive: NEVER,
        request: NEVER,
        unanswered: 3,
        ..RequestLimits::default()
    })
    .await;
    let head = format!(
        "GET /never HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n",
        server.port,
        bearer()
    );
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let mut stream = server.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    server
        .until("one is turned out", |server| {
            server.policy.counters.refused(Reason::Crowded) == 1
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_slow_openers_keep_nobody_out() {
    let server = GuardServer::start().await;
    let done = tokio_util::sync::CancellationToken::new();
    let starts = [
        "",
        "GET / HT",
        "POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
    ];
    let starts = starts.iter().map(|start| start.as_bytes().to_vec());
    let attack = flood(
        server.port,
        starts.cycle().take(1000).collect(),
        done.clone(),
    );
    server
        .until("the attack is on", |server| {
            server.policy.counters.refused(Reason::Crowded) > 1000
        })
        .await;
    let mut times = Vec::new();
    let mut turned_out = 0;
    let attack_began = Instant::now();
    while attack_began.elapsed() < Duration::from_millis(1500) {
        let start = Instant::now();
        let answer = server.upgrade(&format!("/ws/{TOKEN}"), "").await;
        match answer.status {
            101 => times.push(start.elapsed()),
            _ => turned_out += 1,
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    done.cancel();
    let opened = attack.join().unwrap();
    times.sort();
    // A client that the machine itself stops between its connect and its head can be unlucky.
    assert!(turned_out * 20 <= times.len(), "{turned_out} turned out");
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    let count = times.len();
    println!(
        "{opened} openers; {count} good clients, {turned_out} turned out: median {median:?}, worst {worst:?}"
    );
    // The figure to reach is 100 ms and is printed; what is asserted leaves room for a busy machine,
    // and too short for a listener that keeps slow clients, or for a SYN that must be sent again.
    assert!(
        median < Duration::from_millis(500),
        "median {median:?}, worst {worst:?}"
    );
    server
        .until("all openers are gone", |server| {
            server.policy.counters.open_heads() == 0
        })
        .await;
}
