//! A port's clock: rotates and renews its upstream by time, and handles failures of that.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::kind::JobKind;
use super::schedule::Schedule;
use super::state::EngineState;
use crate::port::Port;

/// How long after a failed rotation or renewal the next try comes. Ten seconds: a provider that is down is not
/// overloaded, and one that is back is soon asked.
const RETRY_DELAY: Duration = Duration::from_secs(10);

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Rotate,
    Renew,
    /// The limit of renewals is reached: remove the port.
    Expire,
}

/// Starts a port's clock.
pub(crate) fn start(engine: &Arc<EngineState>, port: &Arc<Port>) {
    let engine = Arc::downgrade(engine);
    Arc::clone(port).spawn("clock", move |port| attend(engine.clone(), port));
}

/// Does what is due on a port, for as long as the port exists.
async fn attend(engine: Weak<EngineState>, port: Arc<Port>) {
    let Some(mut news) = engine.upgrade().map(|engine| engine.schedule.subscribe()) else {
        return;
    };
    let mut not_before = None;
    // The last incident that was acted upon.
    let mut blame = 0;
    loop {
        let Some(due) = next(&engine, &port, &mut news) else {
            return;
        };
        let at = due.map(|(at, _)| not_before.map_or(at, |earliest: Instant| at.max(earliest)));
        let mut incident = None;
        let task = tokio::select! {
            () = until(at) => due.map(|(_, task)| task),
            _ = news.changed() => None,
            () = port.changed() => None,
            incident_after = incident_after(&port, blame, not_before), if port.rotates_on_error() => {
                incident = Some(incident_after);
                Some(Task::Rotate)
            }
        };
        let (Some(task), Some(engine)) = (task, engine.upgrade()) else {
            continue;
        };
        let done = match task {
            // Boxed, so that a thousand waiting clocks do not each hold the state of a request.
            Task::Rotate => Box::pin(engine.replace(&port, JobKind::Rotate, true)).await,
            Task::Renew => Box::pin(engine.renew(&port)).await,
            Task::Expire => {
                engine.expire(&port, &port.assignment(), "renew limit");
                Ok(())
            }
        };
        if done.is_ok() {
            // If no other upstream was found, it is tried again later, if the port is still offline then.
            blame = incident.unwrap_or(blame);
        }
        not_before = done.err().map(|refusal| {
            port.log(|| format!("{task:?} failed: {}", refusal.detail));
            Instant::now() + RETRY_DELAY
        });
    }
}

/// What is due next, and when; `None` if the engine is gone.
fn next(
    engine: &Weak<EngineState>,
    port: &Port,
    news: &mut watch::Receiver<Arc<Schedule>>,
) -> Option<Option<(Instant, Task)>> {
    let engine = engine.upgrade()?;
    let schedule = Arc::clone(&news.borrow_and_update());
    let config = engine.config(port.number);
    let assignment = port.assignment();
    let rotation = schedule.rotation.due(
        assignment.serving,
        config.as_ref().map(|config| config.rotation),
    );
    let renewal = schedule
        .renewal
        .due(
            assignment.since,
            config.as_ref().map(|config| config.refresh),
        )
        .filter(|_| assignment.selection.is_provided());
    let spent = schedule.renewals > 0 && assignment.refreshes >= schedule.renewals;
    let renew = if spent { Task::Expire } else { Task::Renew };
    let both = [
        rotation.map(|at| (at, Task::Rotate)),
        renewal.map(|at| (at, renew)),
    ];
    Some(both.into_iter().flatten().min_by_key(|(at, _)| *at))
}

/// The next incident of the port's upstream, but not before that time. This task restarts when settings change, so
/// whether rotation on error is enabled is read then.
async fn incident_after(port: &Port, after: u64, not_before: Option<Instant>) -> u64 {
    until_or_now(not_before).await;
    port.health.incident_after(after).await
}

async fn until_or_now(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at.into()).await;
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
