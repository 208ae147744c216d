//! Which upstreams share a record, and which records are forgotten.

use super::super::breaker::Down;
use super::super::upstream_health::tests::upstream;
use super::*;
use crate::model::Failure;

#[test]
fn the_same_upstream_has_the_same_record() {
    let ledger = Ledger::default();
    let record = ledger.record(&upstream("a.test"));
    assert!(Arc::ptr_eq(&record, &ledger.record(&upstream("a.test"))));
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
        assert!(!Arc::ptr_eq(&record, &ledger.record(other)), "{other:?}");
    }
    // What a list says of its exit makes no other upstream of it.
    let mut moved = upstream("a.test");
    moved.place.city = "Elsewhere".to_owned();
    assert!(Arc::ptr_eq(&record, &ledger.record(&moved)));
    assert_eq!(ledger.records().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn records_are_bounded_and_what_is_used_or_bad_stays() {
    let ledger = Ledger::default();
    let numbered = |number: usize| upstream(&format!("h{number}.test"));
    let used = ledger.record(&numbered(0));
    let bad = Arc::downgrade(&ledger.record(&numbered(1)));
    if let Some(bad) = bad.upgrade() {
        bad.condition(None);
        bad.bad(&Down {
            reason: "upstream closed".to_owned(),
            blame: Some("it closed".to_owned()),
            confirmed: true,
        });
    }
    for number in 2..MAX_RECORDS * 2 {
        ledger.record(&numbered(number));
        assert!(ledger.records.lock().all.len() <= MAX_RECORDS);
    }
    assert!(Arc::ptr_eq(&used, &ledger.record(&numbered(0))));
    assert!(bad.upgrade().is_some_and(|bad| bad.is_cooling()));
}

#[tokio::test]
async fn records_in_use_are_never_dropped_however_many() {
    let ledger = Ledger::default();
    let numbered = |number: usize| upstream(&format!("h{number}.test"));
    let used: Vec<_> = (0..MAX_RECORDS + 10)
        .map(|number| ledger.record(&numbered(number)))
        .collect();
    assert_eq!(ledger.records().len(), used.len());
    for (number, record) in used.iter().enumerate().step_by(97) {
        assert!(Arc::ptr_eq(record, &ledger.record(&numbered(number))));
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_that_fall_silent_together_are_not_blamed() {
    let ledger = Ledger::default();
    let records: Vec<_> = ["a.test", "b.test", "c.test", "d.test"]
        .map(|host| ledger.record(&upstream(host)))
        .into();
    let fail = |record: &Record| {
        let failure = Failure::DialTimeout;
        let condition = record.condition(None);
        let down = Down::of(record.judge(Some(&failure)), &failure);
        down.map(|down| condition.bad(down)).is_some()
    };
    assert!(records.iter().all(|record| fail(record)));
    let cooling: Vec<_> = records.iter().map(|record| record.is_cooling()).collect();
    assert_eq!(
        cooling,
        [true, true, false, false],
        "from the third on it is the network"
    );
    // One of them answers: there is a network, and who is silent now is so on its own account.
    records[0].judge(None);
    assert!(fail(&records[3]));
    assert!(records[3].is_cooling());
}
