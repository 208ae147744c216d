//! How a port's status follows the health of its upstream.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use super::super::assignment::NewAssignment;
use super::super::circuit_breaker::ProbeResult;
use super::super::selection::Selection;
use super::super::upstream_health::UpstreamHealth;
use super::super::upstream_health::tests::{health, upstream};
use super::*;

fn assignment() -> Arc<Assignment> {
    let health = health("up.test");
    health.breaker(None);
    assignment_of(health)
}

/// An assignment of the upstream with that health.
pub(crate) fn assignment_of(health: Arc<UpstreamHealth>) -> Arc<Assignment> {
    Arc::new(Assignment::new(NewAssignment {
        upstream: upstream("up.test"),
        selection: Selection::Named,
        source: None,
        plan: "1".to_owned(),
        action_type: "manual".to_owned(),
        requested: SystemTime::now(),
        lease: health.lease(),
        health,
    }))
}

fn cut_off() -> Failure {
    Failure::Unreachable(io::ErrorKind::NetworkUnreachable.into())
}

async fn told(health: &PortHealth, after: u64) -> Option<u64> {
    tokio::time::timeout(Duration::from_millis(1), health.incident_after(after))
        .await
        .ok()
}

#[tokio::test(start_paused = true)]
async fn a_rotation_is_requested_once_per_incident() {
    let (health, assignment) = (PortHealth::new("forwarded"), assignment());
    assert_eq!(told(&health, 0).await, None);
    health.note(&assignment, Some(&Failure::DialTimeout), Duration::ZERO);
    assert_eq!(told(&health, 0).await, Some(1));
    health.note(&assignment, Some(&Failure::DialTimeout), Duration::ZERO);
    assert_eq!(told(&health, 1).await, None, "the same incident");
    health.note(&assignment, None, Duration::ZERO);
    assert_eq!(told(&health, 0).await, None, "it is online");
    health.note(&assignment, Some(&Failure::ProxyAuth), Duration::ZERO);
    assert_eq!(told(&health, 1).await, Some(2));
    health.forwarded(true, "forwarded");
    assert_eq!(told(&health, 1).await, None, "another upstream serves it");
    assignment.retire();
    health.note(&assignment, Some(&Failure::ProxyAuth), Duration::ZERO);
    assert!(health.online());
    assert_eq!(told(&health, 1).await, None, "an old assignment is no news");
    assert_eq!(assignment.health.users(), 0);
    assert!(
        assignment.health.is_cooling(),
        "but of the upstream it is, for whoever picks next"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_network_it_is_offline_and_nobody_is_blamed() {
    let (health, assignment) = (PortHealth::new("forwarded"), assignment());
    health.note(&assignment, Some(&cut_off()), Duration::ZERO);
    let reason = health.status.borrow().reason.clone();
    assert_eq!(
        (health.online(), reason.as_str()),
        (false, "network unreachable")
    );
    assert_eq!(assignment.last_error(), None);
    assert!(!assignment.health.is_cooling());
    assert_eq!(told(&health, 0).await, None);
    // The network is back, but the upstream is not: now it is blamed.
    let version = health.status.borrow().version;
    health.note(&assignment, Some(&Failure::ProxyAuth), Duration::ZERO);
    assert_eq!(told(&health, 0).await, Some(1));
    assert_eq!(
        health.status.borrow().version,
        version,
        "offline it was before"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_connection_concerns_one_port_and_a_failed_check_all_ports() {
    let (assignment, other) = (assignment(), PortHealth::new("forwarded"));
    let breaker = assignment.health.breaker(None);
    PortHealth::new("forwarded").note(&assignment, Some(&Failure::ProxyAuth), Duration::ZERO);
    other.follow(&assignment, &breaker.watch().borrow());
    assert!(other.online());
    breaker.record(assignment.health.judge_check(&Failure::ProxyAuth), "probe");
    other.follow(&assignment, &breaker.watch().borrow());
    assert!(!other.online());
    assert_eq!(told(&other, 0).await, Some(1));
    assignment.health.record_success();
    other.follow(&assignment, &breaker.watch().borrow());
    let status = other.status.borrow();
    assert_eq!((status.online, status.reason.as_str()), (true, "traffic"));
}

#[tokio::test(start_paused = true)]
async fn an_ended_port_requests_no_rotation() {
    let (health, assignment) = (PortHealth::new("forwarded"), assignment());
    health.note(&assignment, Some(&Failure::ProxyAuth), Duration::ZERO);
    health.end(Ending::Ordered, "removed");
    assert_eq!(told(&health, 0).await, None);
    health.note(&assignment, Some(&Failure::ProxyAuth), Duration::ZERO);
    assert_eq!(told(&health, 0).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_starts_offline_follows_its_upstream() {
    let (health, assignment) = (PortHealth::new("upstream timeout"), assignment());
    health.begin_offline();
    let reason = health.status.borrow().reason.clone();
    assert_eq!(
        (health.online(), reason.as_str()),
        (false, "upstream timeout")
    );
    let breaker = assignment.health.breaker(None);
    health.follow(&assignment, &breaker.watch().borrow());
    assert!(!health.online(), "nobody has tried it yet");
    breaker.record(ProbeResult::Good, "probe");
    health.follow(&assignment, &breaker.watch().borrow());
    assert!(health.online());
}

#[test]
fn it_says_since_when_it_is_online_or_offline() {
    let (health, assignment) = (PortHealth::new("forwarded"), assignment());
    let long_ago = SystemTime::UNIX_EPOCH;
    health.status.send_modify(|status| status.since = long_ago);
    health.forwarded(true, "rotated");
    let still = (true, "rotated".to_owned(), long_ago);
    assert_eq!(health.state(), still, "it was not offline in between");
    let before = SystemTime::now();
    health.note(&assignment, Some(&Failure::DialTimeout), Duration::ZERO);
    let (online, reason, since) = health.state();
    assert_eq!((online, reason.as_str()), (false, "upstream unreachable"));
    assert!(since >= before, "{since:?}");
}
