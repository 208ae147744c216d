//! Online and offline, shown by traffic and by checks: one update for each change.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use loopwire_forward::Target;
use support::upstream::{Kind, Upstream};
use support::{TestEngine, echo, quick, read_to_end, tunnel};
use tokio::io::AsyncWriteExt;

async fn fail(setup: &TestEngine) {
    let mut stream = setup.connect().await;
    stream
        .write_all(b"CONNECT h.test:1 HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .unwrap();
    assert!(read_to_end(&mut stream).await.starts_with("HTTP/1.1 50"));
}

fn twin(setup: &TestEngine, online: bool, reason: &str) -> (String, String) {
    let detail = format!(
        r#","data":{{"port":{},"online":{online},"reason":"{reason}"}}"#,
        setup.port
    );
    (setup.state(), detail)
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
        let setup = TestEngine::forwarding(quick(), up.entry("")).await;
        up.kill().await;
        if let Some(then) = then {
            up.become_kind(then);
        }
        setup.hurry();
        fail(&setup).await;
        assert_eq!(
            setup.next(1).await,
            [twin(&setup, false, reason)],
            "{then:?}"
        );
        let offline = Instant::now();
        assert_eq!(setup.config("/is_online"), false);
        assert!(setup.config("/last_error").is_string());
        up.kill().await;
        up.become_kind(kind);
        setup
            .engine
            .configure(|settings| settings.handshake_timeout = support::STUCK);
        // The first probe comes after 0.8 s at the earliest, so traffic caused this, unless the machine has stalled
        // for that long.
        drop(tunnel(&setup, echo().await).await);
        let told = setup.next(1).await;
        if offline.elapsed() < Duration::from_millis(800) || told != [twin(&setup, true, "probe")] {
            assert_eq!(told, [twin(&setup, true, "traffic")]);
        }
        setup.engine.shutdown().await;
        // Nothing but the removal was published after that.
        assert_eq!(setup.events(), [setup.state()]);
    }
}

#[tokio::test]
async fn the_idle_check_detects_a_failure_and_a_probe_detects_the_recovery() {
    for kind in [Kind::Http, Kind::Socks] {
        let mut up = Upstream::start(kind).await;
        let setup = TestEngine::forwarding(quick(), up.entry("")).await;
        // Changed at run time; the waiting port uses it at once.
        setup
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
            setup.events(),
            [""; 0],
            "a check that finds nothing new says nothing"
        );
        up.kill().await;
        assert_eq!(
            setup.next(1).await,
            [twin(&setup, false, "upstream unreachable")]
        );
        up.revive();
        assert_eq!(setup.next(1).await, [twin(&setup, true, "probe")]);
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_target_that_fails_does_not_take_the_port_offline() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    fail(&setup).await;
    assert_eq!(setup.config("/is_online"), true);
    setup.engine.shutdown().await;
    assert_eq!(setup.events(), [setup.state()]);
}

#[tokio::test]
async fn with_a_probe_target_an_http_upstream_must_reach_it() {
    let up = Upstream::start(Kind::Http).await;
    let dead = support::free_port();
    let mut settings = quick();
    settings.probe = Target::new("127.0.0.1", dead);
    let setup = TestEngine::new(settings, &[up.entry("")]);
    assert!(
        setup
            .engine
            .create_with_id(setup.port, "up", "1", "manual")
            .await
            .is_err()
    );
    assert_eq!(
        setup.events(),
        [setup.error("up", "upstream refused|status:502")]
    );
    let target = echo().await;
    setup
        .engine
        .configure(|settings| settings.probe = Target::new("127.0.0.1", target.port()));
    setup
        .engine
        .create_with_id(setup.port, "up", "1", "manual")
        .await
        .unwrap();
    setup.engine.shutdown().await;
}

/// Fifty ports of one upstream.
async fn many(up: &Upstream) -> (TestEngine, Vec<u16>) {
    let setup = TestEngine::new(quick(), &[up.entry("")]);
    setup
        .engine
        .update_ip_format_and_ports("127.0.0.1:%d", 1_024, 64_000)
        .unwrap();
    let ports: Vec<u16> = (0..50).map(|_| support::free_port()).collect();
    for &port in &ports {
        let forwarding = setup.engine.create_with_id(port, "up", "1", "manual");
        forwarding.await.unwrap();
    }
    setup.events();
    (setup, ports)
}

/// Waits for one update of each port, and allows nothing else.
async fn all_turn(setup: &TestEngine, ports: &[u16], online: bool, reason: &str) {
    let mut told: Vec<_> = setup.next(ports.len()).await;
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
async fn a_dead_upstream_gets_one_probe_at_a_time_however_many_ports_wait() {
    let mut up = Upstream::start(Kind::Socks).await;
    let (mut setup, ports) = many(&up).await;
    let seen = Arc::clone(&up.seen);
    let connections = || seen.connections.load(Relaxed);
    setup.port = ports[0];

    // One failed connection and the check that it causes take all of them offline.
    up.kill().await;
    up.become_kind(Kind::Resets);
    let before = connections();
    let begun = Instant::now();
    fail(&setup).await;
    all_turn(&setup, &ports, false, "upstream closed").await;
    assert_eq!(connections(), before + 2);
    // Clients that keep trying cause their own connections, but no checks.
    for &port in &ports {
        setup.port = port;
        fail(&setup).await;
    }
    let before = before + 2 + ports.len() as u64;
    support::until("two probes", || connections() >= before + 2).await;
    // They come after 0.8 s and another 1.6 s at the earliest. One probe for each port would have come long before.
    assert!(
        begun.elapsed() > Duration::from_millis(2400),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(connections(), before + 2);
    up.kill().await;
    up.become_kind(Kind::Socks);
    all_turn(&setup, &ports, true, "probe").await;

    // A failed connection concerns only its own port until the next probe; a successful connection of one port brings
    // all of them back.
    up.kill().await;
    fail(&setup).await;
    let (event, _) = setup.next(1).await.remove(0);
    assert_eq!(event, setup.state());
    let rest: Vec<_> = ports
        .iter()
        .copied()
        .filter(|&port| port != setup.port)
        .collect();
    all_turn(&setup, &rest, false, "upstream unreachable").await;
    up.revive();
    setup.port = ports[7];
    drop(tunnel(&setup, echo().await).await);
    all_turn(&setup, &ports, true, "traffic").await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn ports_of_one_upstream_share_their_idle_checks() {
    let up = Upstream::start(Kind::Socks).await;
    let (setup, _) = many(&up).await;
    let connections = || {
        up.seen
            .connections
            .load(std::sync::atomic::Ordering::Relaxed)
    };
    let before = connections();
    let begun = Instant::now();
    setup
        .engine
        .configure(|settings| settings.idle_check = Duration::from_millis(200));
    support::until("checks", || connections() >= before + 5).await;
    // The first check may be due at once; fifty independent checks would take no longer than that.
    assert!(
        begun.elapsed() > Duration::from_millis(4 * 160),
        "{:?}",
        begun.elapsed()
    );
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_successful_request_brings_all_ports_back() {
    let mut up = Upstream::start(Kind::Http).await;
    let (mut setup, ports) = many(&up).await;
    let (first, others) = ports.split_first().unwrap();
    setup.port = *first;
    setup.engine.remove_port(*first);
    setup.next(1).await;
    up.kill().await;
    let failing = setup.engine.create_with_id(*first, "up", "1", "manual");
    assert!(failing.await.is_err());
    let events = setup.next(others.len() + 1).await;
    assert_eq!(events.len(), others.len() + 1);
    up.revive();
    let forwarding = setup.engine.create_with_id(*first, "up", "1", "manual");
    forwarding.await.unwrap();
    let mut online = 0;
    while online < ports.len() {
        let events = setup.next(1).await;
        let turned = |(_, detail): &&(String, String)| detail.contains(r#""online":true"#);
        online += events.iter().filter(turned).count();
    }
    setup.engine.shutdown().await;
}
