//! What one port's traffic and another's checks make of an upstream.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use super::super::assignment::Meter;
use super::super::status::tests::link_of;
use super::*;
use crate::upstream::Entry;

/// An upstream at that host; nobody is there.
pub(crate) fn upstream(host: &str) -> Upstream {
    let entry = serde_json::json!({
        "id": "up", "protocol": "socks5", "host": host, "port": 1080,
        "username": "alice", "password": "s3cret",
    });
    let entry: Entry = serde_json::from_value(entry).unwrap();
    entry.try_into().unwrap()
}

pub(crate) fn record(host: &str) -> Arc<Record> {
    Arc::new(Record::new(upstream(host), Arc::default()))
}

fn fail(record: &Record, failure: &Failure) -> Verdict {
    let verdict = record.judge(Some(failure));
    if let Some(down) = Down::of(verdict, failure) {
        record.bad(&down);
    }
    verdict
}

#[tokio::test(start_paused = true)]
async fn traffic_speaks_for_every_kind_of_check() {
    let record = record("up.test");
    let probe = Target::new("probe.test", 80);
    let (plain, probing) = (record.condition(None), record.condition(probe.as_ref()));
    assert!(!Arc::ptr_eq(&plain, &probing));
    assert!(Arc::ptr_eq(&probing, &record.condition(probe.as_ref())));
    assert!(record.is_clean() && !record.is_cooling());
    assert_eq!(fail(&record, &Failure::ProxyAuth), Verdict::Dead);
    assert!(plain.is_down() && probing.is_down());
    assert!(record.is_cooling() && !record.is_clean());
    record.good();
    assert!(record.is_clean() && !record.is_cooling());
    // A check speaks for its own kind.
    let Finding::Bad(down) = record.found(&Failure::Status(502)) else {
        panic!("a probe target that cannot be reached makes the upstream useless");
    };
    assert!(down.confirmed && down.blame.is_some());
    probing.bad(down);
    assert!(!plain.is_down() && probing.is_down() && record.is_cooling());
}

#[tokio::test(start_paused = true)]
async fn what_this_machine_lacks_blames_no_upstream() {
    let record = record("up.test");
    let condition = record.condition(None);
    let full = Failure::Unreachable(std::io::ErrorKind::OutOfMemory.into());
    assert!(full.is_local());
    assert_eq!(fail(&record, &full), Verdict::Local(Trouble::Shortage));
    assert!(matches!(record.found(&full), Finding::Nothing));
    assert!(!condition.is_down());
    let cut_off = Failure::Unreachable(std::io::ErrorKind::NetworkUnreachable.into());
    assert!(cut_off.is_local());
    assert_eq!(fail(&record, &cut_off), Verdict::Local(Trouble::Network));
    assert!(condition.is_down() && !record.is_cooling());
    let Finding::Bad(down) = record.found(&cut_off) else {
        panic!("without a network no port is online");
    };
    assert_eq!(
        (down.reason.as_str(), down.blame),
        ("network unreachable", None)
    );
    assert!(!Failure::DialTimeout.is_local());
}

#[tokio::test(start_paused = true)]
async fn it_knows_its_users_and_when_it_was_seen() {
    let record = record("up.test");
    let (first, second) = (record.claim(), record.claim());
    assert_eq!(record.users(), 2);
    drop(first);
    assert_eq!(record.users(), 1);
    drop(second);
    assert_eq!(record.users(), 0);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(record.seen().elapsed(), Duration::from_secs(3));
    record.good();
    assert_eq!(record.seen().elapsed(), Duration::ZERO);
}

#[test]
fn its_texts_show_no_credentials() {
    let record = record("up.test");
    assert_eq!(
        (record.id(), record.name().as_str()),
        ("up", "socks5://up.test:1080")
    );
    let shown = format!("{record:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("alice"),
        "{shown}"
    );
}

#[tokio::test]
async fn probe_targets_that_nobody_uses_any_more_are_forgotten() {
    let record = record("up.test");
    let used = record.condition(None);
    for port in 1..=1000 {
        record.condition(Target::new("probe.test", port).as_ref());
    }
    assert!(record.conditions.read().len() <= SPARE_CONDITIONS);
    assert!(Arc::ptr_eq(&used, &record.condition(None)));
}

#[test]
fn what_goes_through_it_is_counted_whichever_ports_it_serves() {
    let record = record("up.test");
    let (one, other) = (link_of(Arc::clone(&record)), link_of(Arc::clone(&record)));
    assert_eq!(record.users(), 2);
    for link in [&one, &other] {
        let meter = Meter {
            port: Arc::default(),
            link: Arc::clone(link),
        };
        meter.up(3);
        meter.down(5);
        assert_eq!((link.counters.up(), link.counters.down()), (3, 5));
    }
    assert_eq!((record.counters.up(), record.counters.down()), (6, 10));
    let through = record.connections.count();
    assert_eq!(
        (record.connections.open(), record.connections.total()),
        (1, 1)
    );
    drop(through);
    assert_eq!(
        (record.connections.open(), record.connections.total()),
        (0, 1)
    );
    one.retire();
    drop(other);
    assert_eq!(record.users(), 0);
}
