//! When a port's upstream is checked, and the check itself.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::{Instant, sleep_until};

use super::local_port::Port;
use crate::health::{Condition, Finding, Link};
use crate::model::Failure;

/// How long a check that traffic asked for may take: with it a port is offline at most two seconds after the
/// attempt that failed.
const SUSPECT_DEADLINE: Duration = Duration::from_millis(1500);

/// The part of the interval after which an idle check may be due: a thousand ports of a thousand upstreams must
/// not check in step.
const EARLIEST: f64 = 0.8;

/// What the port does next about its upstream.
enum Step {
    /// Wait until it may be tried again, and try it.
    Recover,
    /// Find out whether traffic suspects it rightly.
    Suspect,
    /// Check it when nobody has heard of it for long.
    Idle,
}

/// Follows the port's upstream and checks it, for as long as the port is there.
pub(crate) async fn watch(port: Arc<Port>) {
    let health = &port.health;
    let mut settings = port.context.settings.subscribe();
    loop {
        let interval = settings.borrow_and_update().idle_check;
        if health.status.borrow().ending.is_some() {
            return;
        }
        let link = port.link();
        let condition = link.record.condition(port.probe().as_ref());
        let mut news = condition.watch();
        let (down, next) = {
            let state = news.borrow_and_update();
            health.follow(&link, &state);
            (state.is_down(), state.next)
        };
        let step = if health.suspected.swap(false, Relaxed) && health.online() {
            Step::Suspect
        } else if down || !health.online() {
            Step::Recover
        } else {
            Step::Idle
        };
        let suspecting = matches!(step, Step::Suspect);
        let act = async {
            match step {
                Step::Recover => {
                    condition
                        .recover(examine(&port, &link, &condition, None))
                        .await;
                }
                Step::Suspect => {
                    let end = Instant::now() + SUSPECT_DEADLINE;
                    let check = examine(&port, &link, &condition, Some(SUSPECT_DEADLINE));
                    let silent = || link.record.found(&Failure::Silent);
                    condition.check_until(end, check, silent).await;
                }
                Step::Idle if interval.is_zero() => std::future::pending().await,
                Step::Idle => {
                    let part = interval.mul_f64(rand::rng().random_range(EARLIEST..=1.0));
                    let due = || (link.record.seen() + part).max(next);
                    sleep_until(due()).await;
                    // Another port, or traffic, may have heard of it meanwhile.
                    let check = examine(&port, &link, &condition, None);
                    condition.check(|| due() <= Instant::now(), check).await;
                }
            }
        };
        if suspecting {
            // Not to be interrupted, least of all by more suspicion; it takes no longer than its deadline.
            act.await;
            continue;
        }
        tokio::select! {
            () = act => {}
            // Whatever is new, the next step may be another one.
            _ = news.changed() => {}
            () = health.wake.notified() => {}
            _ = settings.changed() => {}
        }
    }
}

/// Checks now, whatever is known: whether it works. What it finds is the state of all ports of that upstream.
pub(crate) async fn check_now(port: &Port) -> bool {
    let link = port.link();
    let (settings, probe) = (port.settings(), port.probe());
    let result = link.record.check(&settings, probe.as_ref()).await;
    if let Ok(took) = &result {
        link.set_latency(*took);
    }
    // Its task will do the same, but whoever asked may look at once.
    let condition = link.record.condition(probe.as_ref());
    port.health.follow(&link, &condition.watch().borrow());
    result.is_ok()
}

async fn examine(
    port: &Port,
    link: &Link,
    condition: &Condition,
    deadline: Option<Duration>,
) -> Finding {
    let settings = port.settings();
    let probe = condition.probe.as_ref();
    // Boxed, so that the task of a port at rest does not carry a handshake along.
    let examining = Box::pin(link.record.examine(&settings, probe, deadline));
    let (result, finding) = examining.await;
    match result {
        Ok(took) => link.set_latency(took),
        Err(failure) => port.log(|| format!("{}: {failure} (a check)", link.upstream)),
    }
    finding
}
