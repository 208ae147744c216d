//! Descriptors run out: no spinning, and the listener is back within a second of their return.

use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;

use crate::server::{GuardServer, answer};

/// Runs the test below in a process of its own, which alone is short of descriptors.
#[test]
#[cfg(unix)]
fn a_process_without_descriptors_recovers() {
    let this = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""])
        .arg(this)
        .args(["--exact", "descriptors::inside", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    println!("{said}");
}

#[tokio::test]
#[ignore = "exhausts the descriptors of its process; run by the test above"]
async fn inside() {
    let server = GuardServer::start().await;
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        server.port
    );
    // The client's socket first, then everything else: the listener has nothing left to accept with.
    let socket = TcpSocket::new_v4().unwrap();
    let mut files = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
        assert!(files.len() < 1000, "no limit is set");
    }
    let address = ([127, 0, 0, 1], server.port).into();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    server
        .until("accepting fails", |server| {
            server.policy.counters.accept_errors() > 0
        })
        .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let errors = server.policy.counters.accept_errors();
    assert!(errors < 20, "spinning: {errors} attempts in two seconds");
    let start = Instant::now();
    files.clear();
    assert_eq!(answer(&mut stream).await.status, 200);
    let recovered = start.elapsed();
    println!("{errors} attempts in two seconds, back after {recovered:?}");
    assert!(recovered < Duration::from_secs(1));
}
