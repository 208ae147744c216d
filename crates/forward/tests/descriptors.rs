//! Descriptors run out: accepting pauses instead of spinning, and continues within a second. A file of its own,
//! because it limits the whole process.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]
#![cfg(target_os = "linux")]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use support::upstream::{Kind, Upstream};
use support::{TestEngine, echo, quick, read_to_end, tunnel};
use tokio::io::AsyncWriteExt;

fn limit(files: usize) -> bool {
    let pid = std::process::id().to_string();
    let limit = format!("--nofile={files}:");
    let status = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status();
    status.is_ok_and(|status| status.success())
}

#[tokio::test]
async fn without_descriptors_accepting_pauses_and_continues() {
    if !limit(1000) {
        println!("SKIPPED: without_descriptors_accepting_pauses_and_continues: no prlimit");
        return;
    }
    let up = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let echo = echo().await;
    setup.engine.enable_debug();
    let names = std::fs::read_dir("/proc/self/fd").unwrap();
    let highest: usize = names
        .filter_map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().ok())
        .max()
        .unwrap();
    // All lower descriptors are in use, and one is left: the client's own.
    let fill: Vec<_> = (0..5)
        .map(|_| std::fs::File::open("/dev/null").unwrap())
        .collect();
    assert!(limit(highest + 6));
    let mut clients = Vec::new();
    while let Ok(Ok(client)) = tokio::time::timeout(
        Duration::from_millis(50),
        tokio::net::TcpStream::connect(setup.address()),
    )
    .await
    {
        clients.push(client);
    }
    let begun = Instant::now();
    tokio::time::sleep(Duration::from_millis(700)).await;
    let rests = setup
        .events()
        .iter()
        .filter(|event| event.contains("accepting pauses"))
        .count();
    let most = 20.max(usize::try_from(begun.elapsed().as_millis() / 35).unwrap());
    assert!((1..=most).contains(&rests), "{rests} attempts in 0.7 s");
    limit(1000);
    drop((fill, clients));
    drop(tunnel(&setup, echo).await);

    // And our own limit: one connection too many is closed at once.
    setup
        .engine
        .configure(|settings| settings.max_connections = 1);
    support::until("streams", || setup.config("/streams") == 0).await;
    let mut first = tunnel(&setup, echo).await;
    assert_eq!(read_to_end(&mut setup.connect().await).await, "");
    first.write_all(b"still").await.unwrap();
    assert_eq!(support::read_until(&mut first, "still").await, "still");
    setup.engine.shutdown().await;
}
