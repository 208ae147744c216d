//! Online and offline: seen on real traffic and by checks, each change one update.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::time::{Duration, Instant};

use loopwire_forward::Target;
use support::upstream::{Kind, Upstream};
use support::{Bench, echo, quick, read_to_end, tunnel};
use tokio::io::AsyncWriteExt;

async fn fail(bench: &Bench) {
    let mut stream = bench.connect().await;
    stream
        .write_all(b"CONNECT h.test:1 HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .unwrap();
    assert!(read_to_end(&mut stream).await.starts_with("HTTP/1.1 50"));
}

fn twin(bench: &Bench, online: bool, reason: &str) -> (String, String) {
    let detail = format!(
        r#","data":{{"port":{},"online":{online},"reason":"{reason}"}}"#,
        bench.port
    );
    (bench.state(), detail)
}

#[tokio::test]
async fn traffic_takes_it_offline_and_brings_it_back() {
    for (kind, then, reason) in [
        (Kind::Http, None, "upstream unreachable"),
        (Kind::Socks, None, "upstream unreachable"),
        (
            Kind::Http,
            Some(Kind::Refuses),
            "upstream refused|status:407",
        ),
        (Kind::Http, Some(Kind::Silent), "upstream timeout"),
        (Kind::Socks, Some(Kind::Resets), "upstream closed"),
    ] {
        let mut up = Upstream::start(kind).await;
        let bench = Bench::forwarding(quick(), up.entry("")).await;
        up.kill().await;
        if let Some(then) = then {
            up.become_kind(then);
        }
        let begun = Instant::now();
        fail(&bench).await;
        let failed = Instant::now();
        assert_eq!(
            bench.next(1).await,
            [twin(&bench, false, reason)],
            "{then:?}"
        );
        assert!(
            failed.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(bench.config("/is_online"), false);
        assert!(bench.config("/last_error").is_string());
        up.kill().await;
        up.become_kind(kind);
        // The first probe comes after 0.8 s at the earliest: this is the traffic's doing.
        drop(tunnel(&bench, echo().await).await);
        assert_eq!(bench.next(1).await, [twin(&bench, true, "traffic")]);
        bench.engine.shutdown().await;
        // Nothing but the removal was said after that.
        assert_eq!(bench.events(), [bench.state()]);
    }
}

#[tokio::test]
async fn the_idle_check_sees_it_die_and_a_probe_sees_it_recover() {
    for kind in [Kind::Http, Kind::Socks] {
        let mut up = Upstream::start(kind).await;
        let bench = Bench::forwarding(quick(), up.entry("")).await;
        // Changed at run time; the port that waits hears of it.
        bench
            .engine
            .configure(|settings| settings.idle_check = Duration::from_millis(50));
        let connections = || {
            up.seen
                .connections
                .load(std::sync::atomic::Ordering::Relaxed)
        };
        let before = connections();
        support::until("checks", || connections() >= before + 2).await;
        assert_eq!(
            bench.events(),
            [""; 0],
            "a check that finds nothing new says nothing"
        );
        up.kill().await;
        assert_eq!(
            bench.next(1).await,
            [twin(&bench, false, "upstream unreachable")]
        );
        up.revive();
        let begun = Instant::now();
        assert_eq!(bench.next(1).await, [twin(&bench, true, "probe")]);
        assert!(begun.elapsed() < Duration::from_secs(4));
        bench.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_target_that_fails_does_not_take_the_port_offline() {
    let up = Upstream::start(Kind::Http).await;
    let bench = Bench::forwarding(quick(), up.entry("")).await;
    fail(&bench).await;
    assert_eq!(bench.config("/is_online"), true);
    bench.engine.shutdown().await;
    assert_eq!(bench.events(), [bench.state()]);
}

#[tokio::test]
async fn with_a_probe_target_an_http_upstream_has_to_reach_it() {
    let up = Upstream::start(Kind::Http).await;
    let dead = support::free_port();
    let mut settings = quick();
    settings.probe = Target::new("127.0.0.1", dead);
    let bench = Bench::new(settings, &[up.entry("")]);
    assert!(
        bench
            .engine
            .create_with_id(bench.port, "up", "1", "manual")
            .await
            .is_err()
    );
    assert_eq!(
        bench.events(),
        [bench.error("up", "upstream refused|status:502")]
    );
    let target = echo().await;
    bench
        .engine
        .configure(|settings| settings.probe = Target::new("127.0.0.1", target.port()));
    bench
        .engine
        .create_with_id(bench.port, "up", "1", "manual")
        .await
        .unwrap();
    bench.engine.shutdown().await;
}
