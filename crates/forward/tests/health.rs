//! Online and offline: seen on real traffic and by checks, each change one update.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
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
        bench.hurry();
        fail(&bench).await;
        assert_eq!(
            bench.next(1).await,
            [twin(&bench, false, reason)],
            "{then:?}"
        );
        let offline = Instant::now();
        assert_eq!(bench.config("/is_online"), false);
        assert!(bench.config("/last_error").is_string());
        up.kill().await;
        up.become_kind(kind);
        bench
            .engine
            .configure(|settings| settings.handshake_timeout = support::STUCK);
        // The first probe comes after 0.8 s at the earliest: this is the traffic's doing, unless the machine
        // has stalled for that long.
        drop(tunnel(&bench, echo().await).await);
        let told = bench.next(1).await;
        if offline.elapsed() < Duration::from_millis(800) || told != [twin(&bench, true, "probe")] {
            assert_eq!(told, [twin(&bench, true, "traffic")]);
        }
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
        assert_eq!(bench.next(1).await, [twin(&bench, true, "probe")]);
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

/// Fifty ports of one upstream.
async fn many(up: &Upstream) -> (Bench, Vec<u16>) {
    let bench = Bench::new(quick(), &[up.entry("")]);
    bench
        .engine
        .update_ip_format_and_ports("127.0.0.1:%d", 1_024, 64_000)
        .unwrap();
    let ports: Vec<u16> = (0..50).map(|_| support::free_port()).collect();
    for &port in &ports {
        let forwarding = bench.engine.create_with_id(port, "up", "1", "manual");
        forwarding.await.unwrap();
    }
    bench.events();
    (bench, ports)
}

/// Waits for one update of each port, and nothing else.
async fn all_turn(bench: &Bench, ports: &[u16], online: bool, reason: &str) {
    let mut told: Vec<_> = bench.next(ports.len()).await;
    let mut expected: Vec<_> = ports
        .iter()
        .map(|port| {
            let event = format!(r#"{{"type":"portStateUpdate","payload":"{port}"}}"#);
            let detail =
                format!(r#","data":{{"port":{port},"online":{online},"reason":"{reason}"}}"#);
            (event, detail)
        })
        .collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_dead_upstream_sees_one_probe_at_a_time_however_many_ports_wait() {
    let mut up = Upstream::start(Kind::Socks).await;
    let (mut bench, ports) = many(&up).await;
    let seen = Arc::clone(&up.seen);
    let connections = || seen.connections.load(Relaxed);
    bench.port = ports[0];

    // A connection and the check that it asks for take all of them offline.
    up.kill().await;
    up.become_kind(Kind::Resets);
    let before = connections();
    let begun = Instant::now();
    fail(&bench).await;
    all_turn(&bench, &ports, false, "upstream closed").await;
    assert_eq!(connections(), before + 2);
    // Clients that go on trying cost their own connections, no checks.
    for &port in &ports {
        bench.port = port;
        fail(&bench).await;
    }
    let before = before + 2 + ports.len() as u64;
    support::until("two probes", || connections() >= before + 2).await;
    // They come after 0.8 s and another 1.6 s at the earliest. One for each port would have come long before.
    assert!(
        begun.elapsed() > Duration::from_millis(2400),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(connections(), before + 2);
    up.kill().await;
    up.become_kind(Kind::Socks);
    all_turn(&bench, &ports, true, "probe").await;

    // One port's dead connection is its own matter until the probe that follows; one port's good connection
    // brings all of them back.
    up.kill().await;
    fail(&bench).await;
    let (event, _) = bench.next(1).await.remove(0);
    assert_eq!(event, bench.state());
    let rest: Vec<_> = ports
        .iter()
        .copied()
        .filter(|&port| port != bench.port)
        .collect();
    all_turn(&bench, &rest, false, "upstream unreachable").await;
    up.revive();
    bench.port = ports[7];
    drop(tunnel(&bench, echo().await).await);
    all_turn(&bench, &ports, true, "traffic").await;
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn ports_of_one_upstream_share_their_idle_checks() {
    let up = Upstream::start(Kind::Socks).await;
    let (bench, _) = many(&up).await;
    let connections = || {
        up.seen
            .connections
            .load(std::sync::atomic::Ordering::Relaxed)
    };
    let before = connections();
    let begun = Instant::now();
    bench
        .engine
        .configure(|settings| settings.idle_check = Duration::from_millis(200));
    support::until("checks", || connections() >= before + 5).await;
    // The first may be due at once; fifty that check for themselves would need no more than that.
    assert!(
        begun.elapsed() > Duration::from_millis(4 * 160),
        "{:?}",
        begun.elapsed()
    );
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn a_request_that_gets_through_brings_all_ports_back() {
    let mut up = Upstream::start(Kind::Http).await;
    let (mut bench, ports) = many(&up).await;
    let (first, others) = ports.split_first().unwrap();
    bench.port = *first;
    bench.engine.remove_port(*first);
    bench.next(1).await;
    up.kill().await;
    let failing = bench.engine.create_with_id(*first, "up", "1", "manual");
    assert!(failing.await.is_err());
    let events = bench.next(others.len() + 1).await;
    assert_eq!(events.len(), others.len() + 1);
    up.revive();
    let forwarding = bench.engine.create_with_id(*first, "up", "1", "manual");
    forwarding.await.unwrap();
    let mut online = 0;
    while online < ports.len() {
        let events = bench.next(1).await;
        let turned = |(_, detail): &&(String, String)| detail.contains(r#""online":true"#);
        online += events.iter().filter(turned).count();
    }
    bench.engine.shutdown().await;
}
