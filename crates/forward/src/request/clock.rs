//! A port's clock: when its upstream is rotated and renewed, and what follows when that fails.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::job::JobKind;
use super::renew;
use super::schedule::Schedule;
use super::state::EngineState;
use crate::port::Port;

/// How long a rotation or renewal that failed waits before it is tried again. Ten seconds: a provider that is
/// down is not hammered, and one that is back is soon asked.
const RETRY_DELAY: Duration = Duration::from_secs(10);

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Rotate,
    Renew,
    /// The limit of renewals is reached.
    Expire,
}

/// Gives a port its clock.
pub(crate) fn start(engine: &Arc<EngineState>, port: &Arc<Port>) {
    let engine = Arc::downgrade(engine);
    Arc::clone(port).spawn("clock", move |port| attend(engine.clone(), port));
}

/// Does what is due on a port for as long as it is there.
async fn attend(engine: Weak<EngineState>, port: Arc<Port>) {
    let Some(mut news) = engine.upgrade().map(|engine| engine.schedule.subscribe()) else {
        return;
    };
    let mut not_before = None;
    // The last of its upstreams' failures that was acted upon.
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
            // Boxed, so that a thousand clocks that only wait do not each carry a whole request along.
            Task::Rotate => Box::pin(engine.replace(&port, JobKind::Rotate, true))
                .await
                .map(drop),
            Task::Renew => Box::pin(renew::renew(&engine, &port)).await,
            Task::Expire => {
                engine.expire(&port, &port.assignment(), "renew limit");
                Ok(())
            }
        };
        if done.is_ok() {
            // One that found no other upstream is tried again, if by then the port is still offline.
            blame = incident.unwrap_or(blame);
        }
        not_before = done.err().map(|detail| {
            port.log(|| format!("{task:?} failed: {detail}"));
            Instant::now() + RETRY_DELAY
        });
    }
}

/// What is due next, and when; `None` when the engine is gone.
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

/// The next failure of the port's upstream, but not before that time. The task is begun anew when settings
/// change, so whether it is asked for at all is looked at then.
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
