//! How the traffic of one port and the checks of another change the health of an upstream.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use super::super::assignment::Meter;
use super::super::status::tests::assignment_of;
use super::*;
use crate::upstream::Entry;

/// An upstream at that host, where nothing listens.
pub(crate) fn upstream(host: &str) -> Upstream {
    let entry = serde_json::json!({
        "id": "up", "protocol": "socks5", "host": host, "port": 1080,
        "username": "alice", "password": "s3cret",
    });
    let entry: Entry = serde_json::from_value(entry).unwrap();
    entry.try_into().unwrap()
}

pub(crate) fn health(host: &str) -> Arc<UpstreamHealth> {
    Arc::new(UpstreamHealth::new(upstream(host), Arc::default()))
}

fn fail(health: &UpstreamHealth, failure: &Failure) -> Verdict {
    let verdict = health.judge(Some(failure));
    if let Some(down) = Down::of(verdict, failure) {
        health.record_failure(&down);
    }
    verdict
}

#[tokio::test(start_paused = true)]
async fn traffic_changes_all_circuit_breakers() {
    let health = health("up.test");
    let probe = Target::new("probe.test", 80);
    let (plain, probing) = (health.breaker(None), health.breaker(probe.as_ref()));
    assert!(!Arc::ptr_eq(&plain, &probing));
    assert!(Arc::ptr_eq(&probing, &health.breaker(probe.as_ref())));
    assert!(health.is_clean() && !health.is_cooling());
    assert_eq!(fail(&health, &Failure::ProxyAuth), Verdict::Dead);
    assert!(plain.is_down() && probing.is_down());
    assert!(health.is_cooling() && !health.is_clean());
    health.record_success();
    assert!(health.is_clean() && !health.is_cooling());
    // A check changes only the circuit breaker of its own probe target.
    let ProbeResult::Bad(down) = health.judge_check(&Failure::Status(502)) else {
        panic!("a probe target that cannot be reached makes the upstream useless");
    };
    assert!(down.confirmed && down.blame.is_some());
    probing.record_failure(down);
    assert!(!plain.is_down() && probing.is_down() && health.is_cooling());
}

#[tokio::test(start_paused = true)]
async fn a_local_error_blames_no_upstream() {
    let health = health("up.test");
    let breaker = health.breaker(None);
    let full = Failure::Unreachable(std::io::ErrorKind::OutOfMemory.into());
    assert!(full.is_local());
    assert_eq!(fail(&health, &full), Verdict::Local(LocalError::Shortage));
    assert!(matches!(health.judge_check(&full), ProbeResult::Nothing));
    assert!(!breaker.is_down());
    let cut_off = Failure::Unreachable(std::io::ErrorKind::NetworkUnreachable.into());
    assert!(cut_off.is_local());
    assert_eq!(fail(&health, &cut_off), Verdict::Local(LocalError::Network));
    assert!(breaker.is_down() && !health.is_cooling());
    let ProbeResult::Bad(down) = health.judge_check(&cut_off) else {
        panic!("without a network no port is online");
    };
    assert_eq!(
        (down.reason.as_str(), down.blame),
        ("network unreachable", None)
    );
    assert!(!Failure::DialTimeout.is_local());
}

#[tokio::test(start_paused = true)]
async fn it_counts_its_ports_and_knows_when_it_was_seen() {
    let health = health("up.test");
    let (first, second) = (health.lease(), health.lease());
    assert_eq!(health.users(), 2);
    drop(first);
    assert_eq!(health.users(), 1);
    drop(second);
    assert_eq!(health.users(), 0);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(health.seen().elapsed(), Duration::from_secs(3));
    health.record_success();
    assert_eq!(health.seen().elapsed(), Duration::ZERO);
}

#[test]
fn its_texts_show_no_credentials() {
    let health = health("up.test");
    assert_eq!(
        (health.id(), health.name().as_str()),
        ("up", "socks5://up.test:1080")
    );
    let shown = format!("{health:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("alice"),
        "{shown}"
    );
}

#[tokio::test]
async fn circuit_breakers_of_unused_probe_targets_are_dropped() {
    let health = health("up.test");
    let used = health.breaker(None);
    for port in 1..=1000 {
        health.breaker(Target::new("probe.test", port).as_ref());
    }
    assert!(health.breakers.read().len() <= SPARE_CONDITIONS);
    assert!(Arc::ptr_eq(&used, &health.breaker(None)));
}

#[test]
fn traffic_is_counted_over_all_ports() {
    let health = health("up.test");
    let (one, other) = (
        assignment_of(Arc::clone(&health)),
        assignment_of(Arc::clone(&health)),
    );
    assert_eq!(health.users(), 2);
    for assignment in [&one, &other] {
        let meter = Meter {
            port: Arc::default(),
            assignment: Arc::clone(assignment),
        };
        meter.up(3);
        meter.down(5);
        assert_eq!(
            (assignment.counters.up(), assignment.counters.down()),
            (3, 5)
        );
    }
    assert_eq!((health.counters.up(), health.counters.down()), (6, 10));
    let through = health.connections.count();
    assert_eq!(
        (health.connections.open(), health.connections.total()),
        (1, 1)
    );
    drop(through);
    assert_eq!(
        (health.connections.open(), health.connections.total()),
        (0, 1)
    );
    one.retire();
    drop(other);
    assert_eq!(health.users(), 0);
}
