//! When a port's upstream is checked, and how.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::{Instant, sleep_until};

use super::local_port::Port;
use crate::health::{Assignment, CircuitBreaker, ProbeResult};
use crate::model::Failure;

/// The deadline of a check that a failed connection asked for: the port is offline at most two seconds after that
/// connection.
const SUSPECT_DEADLINE: Duration = Duration::from_millis(1500);

/// The earliest part of the interval at which an idle check is due: a thousand ports must not check in step.
const EARLIEST: f64 = 0.8;

/// The next check of the upstream.
enum Step {
    /// Wait for the end of the pause, then probe it.
    Recover,
    /// Find out whether it really failed, and soon.
    Suspect,
    /// Find out whether it works, with the time that a handshake has.
    Doubt,
    /// One of both, but not before this time: it was found to work a moment ago.
    Rest(Instant),
    /// Check it when no handshake has succeeded for long.
    Idle,
}

/// Follows and checks the port's upstream, for as long as the port exists.
pub(crate) async fn watch(port: Arc<Port>) {
    let health = &port.health;
    let mut settings = port.context.settings.subscribe();
    loop {
        let interval = settings.borrow_and_update().idle_check;
        if health.status.borrow().ending.is_some() {
            return;
        }
        let assignment = port.assignment();
        let breaker = assignment.health.breaker(port.probe().as_ref());
        let mut news = breaker.watch();
        let (down, next) = {
            let state = news.borrow_and_update();
            health.follow(&assignment, &state);
            (state.is_down(), state.next)
        };
        let online = health.online();
        let next_suspicion = breaker.next_suspicion();
        let suspected = health.suspected.load(Relaxed);
        let step = match suspected || health.doubted.load(Relaxed) {
            true if online && next_suspicion <= Instant::now() => match suspected {
                true => Step::Suspect,
                false => Step::Doubt,
            },
            true if online && !down => Step::Rest(next_suspicion),
            _ if down || !online => Step::Recover,
            _ => Step::Idle,
        };
        if !matches!(step, Step::Rest(_)) {
            health.suspected.store(false, Relaxed);
            health.doubted.store(false, Relaxed);
        }
        let (suspecting, doubting) = (matches!(step, Step::Suspect), matches!(step, Step::Doubt));
        let act = async {
            match step {
                Step::Recover => {
                    breaker
                        .recover(check(&port, &assignment, &breaker, None))
                        .await;
                }
                Step::Suspect => {
                    let end = Instant::now() + SUSPECT_DEADLINE;
                    let check = check(&port, &assignment, &breaker, Some(SUSPECT_DEADLINE));
                    let silent = || assignment.health.judge_check(&Failure::Silent);
                    breaker.check_until(end, check, silent).await;
                }
                Step::Doubt => {
                    let check = check(&port, &assignment, &breaker, None);
                    breaker.check(|| true, check).await;
                    breaker.rest();
                }
                Step::Rest(at) => sleep_until(at).await,
                Step::Idle if interval.is_zero() => std::future::pending().await,
                Step::Idle => {
                    let part = interval.mul_f64(rand::rng().random_range(EARLIEST..=1.0));
                    let due = || (assignment.health.seen() + part).max(next);
                    sleep_until(due()).await;
                    // Another port, or traffic, may have reached it in the meantime.
                    let check = check(&port, &assignment, &breaker, None);
                    breaker.check(|| due() <= Instant::now(), check).await;
                }
            }
        };
        if suspecting {
            // Not interrupted by further suspicion; it takes no longer than its deadline.
            act.await;
            continue;
        }
        // Further doubts do not start it anew: under a page that is fetched in a loop it would never end.
        let woken = async {
            loop {
                health.wake.notified().await;
                let only_doubted = doubting
                    && !health.suspected.load(Relaxed)
                    && !assignment.is_retired()
                    && health.online();
                if !only_doubted {
                    break;
                }
            }
        };
        tokio::select! {
            () = act => {}
            // After any change the next step may be another one.
            _ = news.changed() => {}
            () = woken => {}
            _ = settings.changed() => {}
        }
    }
}

/// Checks the upstream now, whatever its state is, and returns whether it works. All ports of that upstream take the
/// result over.
pub(crate) async fn check_now(port: &Port) -> bool {
    let assignment = port.assignment();
    let (settings, probe) = (port.settings(), port.probe());
    let result = assignment.health.check(&settings, probe.as_ref()).await;
    if let Ok(took) = &result {
        assignment.set_latency(*took);
    }
    // The port's task will do the same, but the caller may look at once.
    let breaker = assignment.health.breaker(probe.as_ref());
    port.health.follow(&assignment, &breaker.watch().borrow());
    result.is_ok()
}

async fn check(
    port: &Port,
    assignment: &Assignment,
    breaker: &CircuitBreaker,
    deadline: Option<Duration>,
) -> ProbeResult {
    let settings = port.settings();
    let probe = breaker.probe.as_ref();
    // Boxed, so that the task of an idle port does not hold the state of a handshake.
    let checking = Box::pin(assignment.health.run_check(&settings, probe, deadline));
    let (result, probe_result) = checking.await;
    match result {
        Ok(took) => assignment.set_latency(took),
        Err(failure) => port.log(|| format!("{}: {failure} (a check)", assignment.upstream)),
    }
    probe_result
}
