//! Three thousand connections that end in every way there is: nothing stays. One test, because it counts the
//! descriptors and tasks of the whole process.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]
#![cfg(target_os = "linux")]

mod support;

use std::time::Duration;

use support::upstream::{Kind, Upstream};
use support::{Bench, echo, quick, socks, socks_name, tunnel, until};
use tokio::io::AsyncWriteExt;

const CONNECTIONS: usize = 3000;
const AT_ONCE: usize = 100;

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

fn in_close_wait(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let local = format!(":{port:04X}");
    let stuck = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        fields
            .next()
            .is_some_and(|address| address.ends_with(&local))
            && fields.nth(1) == Some("08")
    };
    table.lines().filter(stuck).count()
}

#[tokio::test]
async fn three_thousand_connections_leave_nothing() {
    let good = Upstream::start(Kind::Socks).await;
    let midway = Upstream::start(Kind::DiesMidway).await;
    let silent = Upstream::start(Kind::Http).await;
    let mut settings = quick();
    settings.handshake_timeout = Duration::from_millis(300);
    settings.idle_timeout = Duration::from_millis(400);
    let benches = [
        Bench::forwarding(settings.clone(), good.entry("")).await,
        Bench::forwarding(settings.clone(), midway.entry("")).await,
        Bench::forwarding(settings, silent.entry("")).await,
    ];
    let mut silent = silent;
    silent.kill().await;
    silent.become_kind(Kind::Silent);
    let echo = echo().await;
    // Warm: thread pools and such exist.
    drop(tunnel(&benches[0], echo).await);
    until("warm", || benches[0].config("/streams") == 0).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let (files, alive) = (descriptors(), tasks());
    let begun = std::time::Instant::now();
    for round in 0..CONNECTIONS / AT_ONCE {
        let each = (0..AT_ONCE).map(|number| one(&benches, echo, round * AT_ONCE + number));
        support::soon("round", futures_all(each.collect())).await;
    }
    println!("{CONNECTIONS} connections in {:?}", begun.elapsed());
    for bench in &benches {
        until("streams", || bench.config("/streams") == 0).await;
        assert_eq!(in_close_wait(bench.port), 0);
    }
    until("descriptors and tasks", || {
        descriptors() <= files && tasks() <= alive
    })
    .await;
    let total: u64 = benches
        .iter()
        .map(|bench| bench.config("/connections").as_u64().unwrap())
        .sum();
    assert_eq!(total, CONNECTIONS as u64 + 1);
    for bench in &benches {
        bench.engine.shutdown().await;
    }
}

async fn futures_all<F: std::future::Future<Output = ()>>(futures: Vec<F>) {
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

/// One connection, ended in the way its number says.
async fn one(benches: &[Bench; 3], echo: std::net::SocketAddr, number: usize) {
    let [good, midway, silent] = benches;
    match number % 10 {
        // Closed in good order from the client's side.
        0 => {
            let mut stream = tunnel(good, echo).await;
            stream.write_all(b"bye").await.unwrap();
            stream.shutdown().await.unwrap();
            assert_eq!(support::read_to_end(&mut stream).await, "bye");
        }
        // Reset by the client.
        1 => {
            let mut stream = tunnel(good, echo).await;
            stream.write_all(b"bye").await.unwrap();
            stream.set_zero_linger().unwrap();
        }
        // Dropped with bytes under way.
        2 => {
            let mut stream = tunnel(good, echo).await;
            stream.write_all(&[0; 10_000]).await.unwrap();
        }
        // Reset by the upstream.
        3 => {
            let mut stream = tunnel(midway, echo).await;
            stream.write_all(b"12345").await.unwrap();
            support::read_to_end(&mut stream).await;
        }
        // An upstream that says nothing.
        4 => {
            let mut stream = silent.connect().await;
            let _ = stream
                .write_all(b"CONNECT h.test:1 HTTP/1.1\r\nHost: h\r\n\r\n")
                .await;
            support::read_to_end(&mut stream).await;
        }
        // The same, and the client does not wait.
        5 => {
            let mut stream = silent.connect().await;
            let _ = stream
                .write_all(b"CONNECT h.test:1 HTTP/1.1\r\nHost: h\r\n\r\n")
                .await;
        }
        // Never says anything.
        6 => drop(good.connect().await),
        // Half a head.
        7 => {
            let mut stream = good.connect().await;
            let _ = stream.write_all(b"GET http://h").await;
        }
        // A refused target.
        8 => {
            let mut stream = good.connect().await;
            assert_eq!(
                socks(&mut stream, 1, &socks_name(b"a.upstream.test", 1)).await,
                5
            );
        }
        // Silent until the relay's patience ends.
        _ => {
            let mut stream = tunnel(good, echo).await;
            support::read_to_end(&mut stream).await;
        }
    }
}
