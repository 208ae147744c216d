//! What a port makes of what is known of its upstream.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use super::super::assignment::Taken;
use super::super::breaker::Finding;
use super::super::origin::Origin;
use super::super::upstream_health::Record;
use super::super::upstream_health::tests::{record, upstream};
use super::*;

fn link() -> Arc<Link> {
    let record = record("up.test");
    record.condition(None);
    link_of(record)
}

/// A link to the upstream of that record.
pub(crate) fn link_of(record: Arc<Record>) -> Arc<Link> {
    Arc::new(Link::new(Taken {
        upstream: upstream("up.test"),
        origin: Origin::Named,
        plan: "1".to_owned(),
        action_type: "manual".to_owned(),
        requested: SystemTime::now(),
        claim: record.claim(),
        record,
    }))
}

fn cut_off() -> Failure {
    Failure::Unreachable(io::ErrorKind::NetworkUnreachable.into())
}

async fn told(health: &Health, after: u64) -> Option<u64> {
    tokio::time::timeout(Duration::from_millis(1), health.blamed(after))
        .await
        .ok()
}

#[tokio::test(start_paused = true)]
async fn a_rotation_is_asked_for_once_per_turn() {
    let (health, link) = (Health::new("forwarded"), link());
    assert_eq!(told(&health, 0).await, None);
    health.note(&link, Some(&Failure::DialTimeout), Duration::ZERO);
    assert_eq!(told(&health, 0).await, Some(1));
    health.note(&link, Some(&Failure::DialTimeout), Duration::ZERO);
    assert_eq!(told(&health, 1).await, None, "the same turn");
    health.note(&link, None, Duration::ZERO);
    assert_eq!(told(&health, 0).await, None, "it is online");
    health.note(&link, Some(&Failure::ProxyAuth), Duration::ZERO);
    assert_eq!(told(&health, 1).await, Some(2));
    health.forwarded("forwarded");
    assert_eq!(told(&health, 1).await, None, "another upstream serves it");
    link.retire();
    health.note(&link, Some(&Failure::ProxyAuth), Duration::ZERO);
    assert!(health.online());
    assert_eq!(told(&health, 1).await, None, "an old link is no news");
    assert_eq!(link.record.users(), 0);
    assert!(
        link.record.is_cooling(),
        "but of the upstream it is, for whoever picks next"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_network_it_is_offline_and_nobody_is_blamed() {
    let (health, link) = (Health::new("forwarded"), link());
    health.note(&link, Some(&cut_off()), Duration::ZERO);
    let reason = health.status.borrow().reason.clone();
    assert_eq!(
        (health.online(), reason.as_str()),
        (false, "network unreachable")
    );
    assert_eq!(link.last_error(), None);
    assert!(!link.record.is_cooling());
    assert_eq!(told(&health, 0).await, None);
    // The network is back, the upstream is not: now it is its turn.
    let version = health.status.borrow().version;
    health.note(&link, Some(&Failure::ProxyAuth), Duration::ZERO);
    assert_eq!(told(&health, 0).await, Some(1));
    assert_eq!(
        health.status.borrow().version,
        version,
        "offline it was before"
    );
}

#[tokio::test(start_paused = true)]
async fn one_failed_connection_is_one_ports_matter_and_a_failed_check_is_everybodys() {
    let (link, other) = (link(), Health::new("forwarded"));
    let condition = link.record.condition(None);
    Health::new("forwarded").note(&link, Some(&Failure::ProxyAuth), Duration::ZERO);
    other.follow(&link, &condition.watch().borrow());
    assert!(other.online());
    condition.learn(link.record.found(&Failure::ProxyAuth), "probe");
    other.follow(&link, &condition.watch().borrow());
    assert!(!other.online());
    assert_eq!(told(&other, 0).await, Some(1));
    link.record.good();
    other.follow(&link, &condition.watch().borrow());
    let status = other.status.borrow();
    assert_eq!((status.online, status.reason.as_str()), (true, "traffic"));
}

#[tokio::test(start_paused = true)]
async fn an_ended_port_asks_for_nothing() {
    let (health, link) = (Health::new("forwarded"), link());
    health.note(&link, Some(&Failure::ProxyAuth), Duration::ZERO);
    health.end(Ending::Ordered, "removed");
    assert_eq!(told(&health, 0).await, None);
    health.note(&link, Some(&Failure::ProxyAuth), Duration::ZERO);
    assert_eq!(told(&health, 0).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_begins_offline_follows_its_upstream_like_any_other() {
    let (health, link) = (Health::new("upstream timeout"), link());
    health.begin_offline();
    let reason = health.status.borrow().reason.clone();
    assert_eq!(
        (health.online(), reason.as_str()),
        (false, "upstream timeout")
    );
    let condition = link.record.condition(None);
    health.follow(&link, &condition.watch().borrow());
    assert!(!health.online(), "nobody has tried it yet");
    condition.learn(Finding::Good, "probe");
    health.follow(&link, &condition.watch().borrow());
    assert!(health.online());
}
