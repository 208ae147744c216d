//! Descriptors run out during a dial: that says nothing about the upstream. A file of its own, because it limits the
//! whole process.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

use support::upstream::{Kind, Upstream};
use support::{TestEngine, echo, quick, read_to_end, tunnel};
use tokio::io::AsyncWriteExt;

/// Opens files until no descriptor is left, and closes `spare` of them. Closed connections may free theirs a moment
/// later: it is done when no more have appeared for a while.
async fn exhaust(spare: usize) -> Vec<File> {
    let mut files = Vec::new();
    loop {
        let before = files.len();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        if files.len() == before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    files.truncate(files.len() - spare);
    files
}

#[tokio::test]
async fn without_descriptors_no_port_goes_offline() {
    let pid = std::process::id().to_string();
    let limited = Command::new("prlimit")
        .args(["--pid", &pid, "--nofile=200:200"])
        .status();
    if !limited.is_ok_and(|status| status.success()) {
        println!("SKIPPED: without_descriptors_no_port_goes_offline: no prlimit");
        return;
    }
    for kind in [Kind::Http, Kind::Socks] {
        let up = Upstream::start(kind).await;
        let setup = TestEngine::forwarding(quick(), up.entry("")).await;
        let echo = echo().await;
        setup.engine.enable_debug();
        // The client's own and the port's; none for the upstream.
        let files = exhaust(2).await;
        let mut client = setup.connect().await;
        client
            .write_all(b"CONNECT h.test:1 HTTP/1.1\r\nHost: h\r\n\r\n")
            .await
            .unwrap();
        let answer = read_to_end(&mut client).await;
        assert!(
            answer.contains("Too many open files"),
            "{kind:?}: {answer:?}"
        );
        drop(client);
        support::until("streams", || setup.config("/streams") == 0).await;
        let rest = exhaust(0).await;
        let checked =
            |event: &String| event.contains("Too many open files") && event.contains("check");
        setup.events();
        setup
            .engine
            .configure(|settings| settings.idle_check = Duration::from_millis(50));
        let mut events = Vec::new();
        while !events.iter().any(checked) {
            events.extend(setup.next(1).await.into_iter().map(|(event, _)| event));
        }
        // It does not spin: the next attempt comes after 0.8 s at the earliest.
        let begun = Instant::now();
        tokio::time::sleep(Duration::from_millis(400)).await;
        events.extend(setup.events());
        let most = 1 + usize::try_from(begun.elapsed().as_millis() / 800).unwrap();
        let checks = events.iter().filter(|event| checked(event)).count();
        assert!((1..=most).contains(&checks), "{events:?}");
        assert_eq!(setup.config("/is_online"), true);
        assert!(setup.config("/last_error").is_null());
        drop((files, rest));
        drop(tunnel(&setup, echo).await);
        setup.engine.shutdown().await;
        let updates = setup
            .events()
            .into_iter()
            .filter(|event| *event == setup.state());
        assert_eq!(updates.count(), 1, "its removal alone");
    }
}
