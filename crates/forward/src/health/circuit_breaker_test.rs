//! Pauses and the probe lock, on tokio's paused clock.

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

fn rest(breaker: &CircuitBreaker) -> Duration {
    breaker.status.borrow().next - Instant::now()
}

fn assert_about(rest: Duration, seconds: f64) {
    let range = seconds * (1.0 - JITTER)..=seconds * (1.0 + JITTER);
    assert!(
        range.contains(&rest.as_secs_f64()),
        "{rest:?} for {seconds} s"
    );
}

#[tokio::test(start_paused = true)]
async fn each_failed_probe_makes_the_pause_longer() {
    let breaker = CircuitBreaker::new(None);
    breaker.record_failure(down(true, false));
    for seconds in [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
        assert_about(rest(&breaker), seconds);
        assert!(breaker.is_cooling());
        let before = breaker.status.borrow().next;
        // Connections that fail during the pause change nothing.
        breaker.record_failure(down(true, false));
        assert_eq!(breaker.status.borrow().next, before);
        breaker
            .recover(async { ProbeResult::Bad(down(true, true)) })
            .await;
    }
    breaker.record_success("traffic");
    assert!(!breaker.is_cooling() && !breaker.is_down());
    breaker.record_failure(down(true, false));
    assert_about(rest(&breaker), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_local_error_is_no_cool_down_and_is_retried_more_often() {
    let breaker = CircuitBreaker::new(None);
    breaker.record_failure(down(false, false));
    for seconds in [1.0, 2.0, 4.0, 5.0, 5.0] {
        assert_about(rest(&breaker), seconds);
        assert!(breaker.is_down() && !breaker.is_cooling());
        breaker
            .recover(async { ProbeResult::Bad(down(false, true)) })
            .await;
    }
    // A shortage on this machine says nothing about the upstream, but still causes a pause.
    breaker.recover(async { ProbeResult::Nothing }).await;
    assert_about(rest(&breaker), 1.0);
    assert!(breaker.is_down());
}

/// Probes that take one second each: how many ran, and how many at the same time.
#[derive(Default)]
struct Probes {
    made: AtomicUsize,
    out: AtomicUsize,
    most: AtomicUsize,
}

impl Probes {
    async fn make(&self, probe_result: ProbeResult) -> ProbeResult {
        self.made.fetch_add(1, Relaxed);
        let out = self.out.fetch_add(1, Relaxed) + 1;
        self.most.fetch_max(out, Relaxed);
        sleep(Duration::from_secs(1)).await;
        self.out.fetch_sub(1, Relaxed);
        probe_result
    }
}

#[tokio::test(start_paused = true)]
async fn callers_that_wait_for_a_probe_share_its_result() {
    let breaker = Arc::new(CircuitBreaker::new(None));
    let probes = Arc::new(Probes::default());
    breaker.record_failure(down(true, false));
    for round in 1..=3 {
        let mut waiting = JoinSet::new();
        for _ in 0..50 {
            let (breaker, probes) = (Arc::clone(&breaker), Arc::clone(&probes));
            waiting.spawn(async move {
                let probe = probes.make(ProbeResult::Bad(down(true, true)));
                breaker.recover(probe).await;
            });
        }
        waiting.join_all().await;
        assert_eq!(probes.made.load(Relaxed), round);
    }
    assert_eq!(probes.most.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_is_left_to_the_next_port() {
    let breaker = Arc::new(CircuitBreaker::new(None));
    let probes = Arc::new(Probes::default());
    breaker.record_failure(down(true, true));
    let recover = || {
        let (breaker, probes) = (Arc::clone(&breaker), Arc::clone(&probes));
        async move { breaker.recover(probes.make(ProbeResult::Good)).await }
    };
    let first = tokio::spawn(recover());
    while probes.made.load(Relaxed) == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    assert!(
        breaker.is_cooling(),
        "its pause is over but its probe is out"
    );
    let second = tokio::spawn(recover());
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.is_err_and(|error| error.is_cancelled()));
    assert!(second.await.is_ok());
    assert_eq!(probes.made.load(Relaxed), 2);
    assert!(!breaker.is_down());
}

#[tokio::test(start_paused = true)]
async fn a_suspicion_does_not_wait_for_a_slow_check() {
    let breaker = Arc::new(CircuitBreaker::new(None));
    let slow = Arc::clone(&breaker);
    let slow = tokio::spawn(async move {
        let check = async {
            sleep(Duration::from_secs(20)).await;
            ProbeResult::Good
        };
        slow.check(|| true, check).await;
    });
    tokio::task::yield_now().await;
    let begun = Instant::now();
    let end = begun + Duration::from_millis(1500);
    breaker
        .check_until(end, std::future::pending(), || {
            ProbeResult::Bad(down(true, true))
        })
        .await;
    assert_eq!(Instant::now(), end);
    assert!(breaker.is_down());
    // Only the final result counts.
    assert!(slow.await.is_ok());
    assert!(!breaker.is_down());
}

#[tokio::test(start_paused = true)]
async fn ports_see_only_changes() {
    let breaker = CircuitBreaker::new(None);
    let mut news = breaker.watch();
    let mut told = || {
        let told = news.has_changed().unwrap_or(false);
        news.mark_unchanged();
        told
    };
    breaker.record_success("check");
    assert!(told());
    breaker.record_success("traffic");
    assert!(!told(), "it worked before");
    breaker.record_failure(down(true, false));
    assert!(told());
    breaker.record_failure(down(true, false));
    assert!(!told(), "it rests already");
    breaker.record_failure(down(true, true));
    assert!(told(), "a check says so now");
    breaker.record_failure(down(true, false));
    assert!(!told());
    assert!(matches!(&breaker.status.borrow().state, BreakerState::Down(down) if down.confirmed));
}

#[tokio::test(start_paused = true)]
async fn a_check_that_is_no_longer_due_is_skipped() {
    let breaker = Arc::new(CircuitBreaker::new(None));
    let slow = Arc::clone(&breaker);
    let slow = tokio::spawn(async move {
        let check = async {
            sleep(Duration::from_secs(1)).await;
            ProbeResult::Bad(down(true, true))
        };
        slow.check(|| true, check).await;
    });
    tokio::task::yield_now().await;
    let unwanted = || async { panic!("nobody needs this check") };
    // The check is skipped when the upstream is down, was seen lately, or is in its pause.
    breaker.check(|| true, unwanted()).await;
    assert!(slow.await.is_ok() && breaker.is_down());
    breaker.record_success("traffic");
    breaker.check(|| false, unwanted()).await;
    breaker.recover(unwanted()).await;
    breaker.record_failure(down(true, true));
    breaker.check(|| true, unwanted()).await;
}
