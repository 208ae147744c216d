//! Restoring: forwards the saved ports again, and retries those that fail.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};

use super::job::Job;
use super::kind::{JobKind, UpstreamChoice};
use super::outcome::JobOutcome;
use super::state::EngineState;
use crate::model::{Detail, events};
use crate::port::Rules;
use crate::provider::Filter;
use crate::store::{Saved, Store};
use crate::upstream::Upstream;

/// How many saved ports are tried at once.
const MAX_CONCURRENT: usize = 64;

/// The first and the longest pause before ports that failed to restore are tried again: a program that is ending
/// frees its port soon; one that goes on is tried only now and then.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Tries each saved port once, publishes the result, and keeps retrying those that may still succeed.
pub(crate) async fn restore(engine: Arc<EngineState>, store: Store, stops: u64) {
    let all = store.all();
    let round = attempt(&engine, all, stops, true).await;
    let event = events::restore_done(&round.restored, &round.failed);
    let publishing = engine.context.journal.publish(&event);
    let _ = engine.context.abandon.run_until_cancelled(publishing).await;
    let mut pending = round.pending;
    let mut pause = FIRST_PAUSE;
    while !pending.is_empty() && !engine.is_closed() && engine.stops.load(Relaxed) == stops {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        // Ports that were removed or forwarded in the meantime are not restored.
        let saved = store.all();
        let waits = |port: u16| pending.contains(&port);
        let again = saved
            .into_iter()
            .filter(|saved| waits(saved.port))
            .collect();
        pending = attempt(&engine, again, stops, false).await.pending;
    }
}

#[derive(Default)]
struct Round {
    restored: Vec<u16>,
    failed: Vec<u16>,
    /// The failed ones that may still succeed.
    pending: Vec<u16>,
}

/// The outcome for a saved port.
enum RestoreOutcome {
    Restored,
    /// It was removed, stopped or forwarded in the meantime.
    Overtaken,
    Failed(Detail),
}

async fn attempt(engine: &Arc<EngineState>, all: Vec<Saved>, stops: u64, tell: bool) -> Round {
    let not_there = |saved: &Saved| {
        let lane = engine.used_lane(saved.port);
        lane.is_none_or(|lane| lane.port().is_none())
    };
    let trying = all.into_iter().filter(not_there).map(|saved| async move {
        let port = saved.port;
        (port, one(engine, saved, stops, tell).await)
    });
    let outcomes: Vec<_> = stream::iter(trying)
        .buffer_unordered(MAX_CONCURRENT)
        .collect()
        .await;
    let mut round = Round::default();
    for (port, outcome) in outcomes {
        match outcome {
            RestoreOutcome::Restored => round.restored.push(port),
            RestoreOutcome::Overtaken => {}
            RestoreOutcome::Failed(detail) => {
                round.failed.push(port);
                let lane = engine.used_lane(port);
                let closed = lane.is_none_or(|lane| lane.port().is_none());
                if closed && detail.may_come_yet() {
                    round.pending.push(port);
                }
            }
        }
    }
    round.restored.sort_unstable();
    round.failed.sort_unstable();
    round
}

/// Restores one port, unless `stopProxy` was called more than `stops` times.
async fn one(engine: &Arc<EngineState>, saved: Saved, stops: u64, tell: bool) -> RestoreOutcome {
    let (port, proxy_id) = (saved.port, saved.proxy_id.clone());
    let outcome = match prepared(engine, saved) {
        Some(job) => {
            // After it was queued: from here on a removal or a stop ends the job.
            let known = engine.is_saved(port);
            if !known || engine.stops.load(Relaxed) != stops {
                return RestoreOutcome::Overtaken;
            }
            job.run().await.map_err(|refusal| refusal.detail)
        }
        None => {
            engine
                .context
                .log(|| format!("{port}: its saved entry cannot be read"));
            Err(Detail::ProxyInvalid)
        }
    };
    let detail = match outcome {
        Ok(JobOutcome::Forwarded(_)) => return RestoreOutcome::Restored,
        Ok(JobOutcome::Skipped) | Err(Detail::Removed) => return RestoreOutcome::Overtaken,
        Err(detail) => detail,
    };
    if tell {
        let event = events::proxy_error(&proxy_id, &[port], &[], &detail);
        let publishing = engine.context.journal.publish(&event);
        let _ = engine.context.abandon.run_until_cancelled(publishing).await;
    }
    if detail.is_gone() {
        engine.lose(port, &detail).await;
    }
    RestoreOutcome::Failed(detail)
}

/// The job that restores a port as it was saved. `None` for unreadable data: a port must not come back with other
/// rules, perhaps without its credentials.
fn prepared(engine: &Arc<EngineState>, saved: Saved) -> Option<Job> {
    let choice = match saved.upstream {
        None => UpstreamChoice::Named(saved.proxy_id),
        Some(given) => UpstreamChoice::Inline(Box::new(Upstream::given(&given).ok()?), given),
    };
    let rules = match saved.options {
        None => None,
        Some(options) => Some(Rules::from_saved(options)?),
    };
    let filter = match saved.filter {
        None => None,
        Some(filter) => Some(serde_json::from_value::<Filter>(filter).ok()?),
    };
    let mut job = engine.job(
        saved.port,
        choice,
        &saved.plan,
        &saved.action_type,
        JobKind::Restore,
    );
    job.rules = rules;
    job.filter = filter;
    Some(job)
}

impl EngineState {
    fn is_saved(&self, port: u16) -> bool {
        let store = self.store.lock().clone();
        store.is_some_and(|store| store.has(port))
    }

    /// A saved port that does not listen and cannot come back: it is removed from the saved data, and an event says
    /// so.
    async fn lose(&self, port: u16, detail: &Detail) {
        // Unless it was forwarded again in the meantime.
        if self.lane(port).if_empty(|| self.forget([port])).is_none() {
            return;
        }
        let event = events::port_removed(port, &detail.to_string());
        let publishing = self.context.journal.publish(&event);
        let _ = self.context.abandon.run_until_cancelled(publishing).await;
    }
}
