//! Which upstreams share an entry, and which entries are evicted.

use super::super::circuit_breaker::Down;
use super::super::upstream_health::tests::upstream;
use super::*;
use crate::model::Failure;

#[test]
fn the_same_upstream_has_the_same_entry() {
    let table = UpstreamTable::default();
    let health = table.health(&upstream("a.test"));
    assert!(Arc::ptr_eq(&health, &table.health(&upstream("a.test"))));
    let mut others = [
        upstream("b.test"),
        upstream("a.test"),
        upstream("a.test"),
        upstream("a.test"),
    ];
    others[1].id = "other".to_owned();
    others[2].protocol = Protocol::Http;
    others[3].credentials = None;
    for other in &others {
        assert!(!Arc::ptr_eq(&health, &table.health(other)), "{other:?}");
    }
    // A changed exit location does not make it another upstream.
    let mut moved = upstream("a.test");
    moved.location.city = "Elsewhere".to_owned();
    assert!(Arc::ptr_eq(&health, &table.health(&moved)));
    assert_eq!(table.all().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn entries_are_bounded_and_those_in_use_or_failed_stay() {
    let table = UpstreamTable::default();
    let numbered = |number: usize| upstream(&format!("h{number}.test"));
    let used = table.health(&numbered(0));
    let bad = Arc::downgrade(&table.health(&numbered(1)));
    if let Some(bad) = bad.upgrade() {
        bad.breaker(None);
        bad.record_failure(&Down {
            reason: "upstream closed".to_owned(),
            blame: Some("it closed".to_owned()),
            confirmed: true,
        });
    }
    for number in 2..MAX_RECORDS * 2 {
        table.health(&numbered(number));
        assert!(table.known.lock().all.len() <= MAX_RECORDS);
    }
    assert!(Arc::ptr_eq(&used, &table.health(&numbered(0))));
    assert!(bad.upgrade().is_some_and(|bad| bad.is_cooling()));
}

#[tokio::test]
async fn entries_in_use_are_never_evicted_however_many() {
    let table = UpstreamTable::default();
    let numbered = |number: usize| upstream(&format!("h{number}.test"));
    let used: Vec<_> = (0..MAX_RECORDS + 10)
        .map(|number| table.health(&numbered(number)))
        .collect();
    assert_eq!(table.all().len(), used.len());
    for (number, health) in used.iter().enumerate().step_by(97) {
        assert!(Arc::ptr_eq(health, &table.health(&numbered(number))));
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_that_become_silent_together_are_not_blamed() {
    let table = UpstreamTable::default();
    let known: Vec<_> = ["a.test", "b.test", "c.test", "d.test"]
        .map(|host| table.health(&upstream(host)))
        .into();
    let fail = |health: &UpstreamHealth| {
        let failure = Failure::DialTimeout;
        let breaker = health.breaker(None);
        let down = Down::of(health.judge(Some(&failure)), &failure);
        down.map(|down| breaker.record_failure(down)).is_some()
    };
    assert!(known.iter().all(|health| fail(health)));
    let cooling: Vec<_> = known.iter().map(|health| health.is_cooling()).collect();
    assert_eq!(
        cooling,
        [true, true, false, false],
        "from the third on it is the network"
    );
    // One host answers, so the network works and the silent hosts have failed themselves.
    known[0].judge(None);
    assert!(fail(&known[3]));
    assert!(known[3].is_cooling());
}
