//! Pauses, and one try at a time; on a clock of the tests' own.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::*;

fn down(blame: bool, confirmed: bool) -> Down {
    Down {
        reason: "upstream closed".to_owned(),
        blame: blame.then(|| "it closed".to_owned()),
        confirmed,
    }
}

fn rest(condition: &Condition) -> Duration {
    condition.state.borrow().next - Instant::now()
}

fn assert_about(rest: Duration, seconds: f64) {
    let range = seconds * (1.0 - JITTER)..=seconds * (1.0 + JITTER);
    assert!(
        range.contains(&rest.as_secs_f64()),
        "{rest:?} for {seconds} s"
    );
}

#[tokio::test(start_paused = true)]
async fn it_rests_longer_after_each_probe_that_fails() {
    let condition = Condition::new(None);
    condition.bad(down(true, false));
    for seconds in [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
        assert_about(rest(&condition), seconds);
        assert!(condition.is_cooling());
        let before = condition.state.borrow().next;
        // Connections that fail meanwhile say nothing new.
        condition.bad(down(true, false));
        assert_eq!(condition.state.borrow().next, before);
        condition
            .recover(async { Finding::Bad(down(true, true)) })
            .await;
    }
    condition.good("traffic");
    assert!(!condition.is_cooling() && !condition.is_down());
    condition.bad(down(true, false));
    assert_about(rest(&condition), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_trouble_of_our_own_is_no_cool_down_and_is_tried_more_often() {
    let condition = Condition::new(None);
    condition.bad(down(false, false));
    for seconds in [1.0, 2.0, 4.0, 5.0, 5.0] {
        assert_about(rest(&condition), seconds);
        assert!(condition.is_down() && !condition.is_cooling());
        condition
            .recover(async { Finding::Bad(down(false, true)) })
            .await;
    }
    // What is missing on our side says nothing, and asks for patience all the same.
    condition.recover(async { Finding::Nothing }).await;
    assert_about(rest(&condition), 1.0);
    assert!(condition.is_down());
}

/// Probes that take a second each: how many there were, and the most at once.
#[derive(Default)]
struct Probes {
    made: AtomicUsize,
    out: AtomicUsize,
    most: AtomicUsize,
}

impl Probes {
    async fn make(&self, finding: Finding) -> Finding {
        self.made.fetch_add(1, Relaxed);
        let out = self.out.fetch_add(1, Relaxed) + 1;
        self.most.fetch_max(out, Relaxed);
        sleep(Duration::from_secs(1)).await;
        self.out.fetch_sub(1, Relaxed);
        finding
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_while_it_is_tried_shares_what_comes_of_it() {
    let condition = Arc::new(Condition::new(None));
    let probes = Arc::new(Probes::default());
    condition.bad(down(true, false));
    for round in 1..=3 {
        let mut waiting = JoinSet::new();
        for _ in 0..50 {
            let (condition, probes) = (Arc::clone(&condition), Arc::clone(&probes));
            waiting.spawn(async move {
                let probe = probes.make(Finding::Bad(down(true, true)));
                condition.recover(probe).await;
            });
        }
        waiting.join_all().await;
        assert_eq!(probes.made.load(Relaxed), round);
    }
    assert_eq!(probes.most.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_goes_in_the_middle_of_a_probe_leaves_it_to_the_next() {
    let condition = Arc::new(Condition::new(None));
    let probes = Arc::new(Probes::default());
    condition.bad(down(true, true));
    let recover = || {
        let (condition, probes) = (Arc::clone(&condition), Arc::clone(&probes));
        async move { condition.recover(probes.make(Finding::Good)).await }
    };
    let first = tokio::spawn(recover());
    while probes.made.load(Relaxed) == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    assert!(
        condition.is_cooling(),
        "its pause is over but its probe is out"
    );
    let second = tokio::spawn(recover());
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.is_err_and(|error| error.is_cancelled()));
    assert!(second.await.is_ok());
    assert_eq!(probes.made.load(Relaxed), 2);
    assert!(!condition.is_down());
}

#[tokio::test(start_paused = true)]
async fn a_suspicion_does_not_wait_for_a_slow_check() {
    let condition = Arc::new(Condition::new(None));
    let slow = Arc::clone(&condition);
    let slow = tokio::spawn(async move {
        let check = async {
            sleep(Duration::from_secs(20)).await;
            Finding::Good
        };
        slow.check(|| true, check).await;
    });
    tokio::task::yield_now().await;
    let begun = Instant::now();
    let end = begun + Duration::from_millis(1500);
    condition
        .check_until(end, std::future::pending(), || {
            Finding::Bad(down(true, true))
        })
        .await;
    assert_eq!(Instant::now(), end);
    assert!(condition.is_down());
    // What comes of it in the end counts.
    assert!(slow.await.is_ok());
    assert!(!condition.is_down());
}

#[tokio::test(start_paused = true)]
async fn ports_are_told_of_changes_alone() {
    let condition = Condition::new(None);
    let mut news = condition.watch();
    let mut told = || {
        let told = news.has_changed().unwrap_or(false);
        news.mark_unchanged();
        told
    };
    condition.good("check");
    assert!(told());
    condition.good("traffic");
    assert!(!told(), "it worked before");
    condition.bad(down(true, false));
    assert!(told());
    condition.bad(down(true, false));
    assert!(!told(), "it rests already");
    condition.bad(down(true, true));
    assert!(told(), "a check says so now");
    condition.bad(down(true, false));
    assert!(!told());
    assert!(matches!(&condition.state.borrow().standing, Standing::Down(down) if down.confirmed));
}

#[tokio::test(start_paused = true)]
async fn a_check_that_is_no_longer_wanted_is_not_made() {
    let condition = Arc::new(Condition::new(None));
    let slow = Arc::clone(&condition);
    let slow = tokio::spawn(async move {
        let check = async {
            sleep(Duration::from_secs(1)).await;
            Finding::Bad(down(true, true))
        };
        slow.check(|| true, check).await;
    });
    tokio::task::yield_now().await;
    let unwanted = || async { panic!("nobody needs this check") };
    // Its turn comes when the upstream is known to be down, or was heard of, or rests.
    condition.check(|| true, unwanted()).await;
    assert!(slow.await.is_ok() && condition.is_down());
    condition.good("traffic");
    condition.check(|| false, unwanted()).await;
    condition.recover(unwanted()).await;
    condition.bad(down(true, true));
    condition.check(|| true, unwanted()).await;
}
