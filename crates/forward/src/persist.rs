//! The engine's calls about saved data, and restoring it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio_util::sync::CancellationToken;

use crate::detail::Detail;
use crate::engine::{Engine, Inner};
use crate::error::ForwardError;
use crate::events;
use crate::job::{Kind, Want};
use crate::outcome::Done;
use crate::provider::Filter;
use crate::rules::Rules;
use crate::store::{Saved, Store};
use crate::supervise;
use crate::upstream::Upstream;

/// How many saved ports are tried at once.
const AT_ONCE: usize = 64;

/// The first pause before ports that could not be restored are tried again, and the longest: a program that is
/// just ending frees its port soon, one that goes on is asked now and then.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Engine {
    /// Takes the directory for saved data and its lock. What is forwarded already is saved there, too. The same
    /// directory again changes nothing.
    ///
    /// # Errors
    /// [`ForwardError::Save`].
    pub fn set_save_data_path(&self, dir: &Path) -> Result<(), ForwardError> {
        let mut store = self.0.store.lock();
        if store.as_ref().is_some_and(|store| store.is_at(dir)) {
            return Ok(());
        }
        let opened =
            Store::open(dir, &self.0.context.handle).map_err(|error| ForwardError::Save {
                code: error.code(),
                text: error.to_string(),
            })?;
        if let Some(notice) = opened.notice() {
            self.0.context.log(|| notice.to_owned());
        }
        let before = store.replace(opened);
        drop(store);
        self.0.restoring.lock().cancel();
        if let Some(before) = before {
            self.0
                .requests
                .spawn_on(async move { before.close().await }, &self.0.context.handle);
        }
        for (_, lane) in self.0.all_lanes() {
            lane.change(|port| self.0.save(crate::outcome::saved(port)));
        }
        Ok(())
    }

    /// Forwards the saved ports again. Posts and returns; `restoreDone` comes when each has been tried once.
    ///
    /// # Errors
    /// [`ForwardError::NoSavePath`].
    pub fn restore_data(&self) -> Result<(), ForwardError> {
        let store = self
            .0
            .store
            .lock()
            .clone()
            .ok_or(ForwardError::NoSavePath)?;
        let restoring = CancellationToken::new();
        std::mem::replace(&mut *self.0.restoring.lock(), restoring.clone()).cancel();
        let inner = Arc::clone(&self.0);
        let run = async move {
            let context = Arc::clone(&inner.context);
            let restore = restoring.run_until_cancelled(restore(inner, store));
            supervise::once(&context, "forward:restore", restore).await;
        };
        self.0.requests.spawn_on(run, &self.0.context.handle);
        Ok(())
    }

    /// Deletes the saved data; what is forwarded goes on.
    pub fn clean_data(&self) {
        self.0.restoring.lock().cancel();
        let store = self.0.store.lock().clone();
        if let Some(store) = store {
            store.clear();
        }
    }
}

/// Tries each saved port once, tells how that went, and goes on trying those that may come yet.
async fn restore(engine: Arc<Inner>, store: Store) {
    let all = store.all();
    let round = attempt(&engine, all, true).await;
    let event = events::restore_done(&round.restored, &round.failed);
    let publishing = engine.context.journal.publish(&event);
    let _ = engine.context.abandon.run_until_cancelled(publishing).await;
    let mut pending = round.pending;
    let mut pause = FIRST_PAUSE;
    while !pending.is_empty() && !engine.is_closed() {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        // What was removed or forwarded otherwise meanwhile is no longer ours to bring back.
        let saved = store.all();
        let waits = |port: u16| pending.contains(&port);
        let again = saved
            .into_iter()
            .filter(|saved| waits(saved.port))
            .collect();
        pending = attempt(&engine, again, false).await.pending;
    }
}

#[derive(Default)]
struct Round {
    restored: Vec<u16>,
    failed: Vec<u16>,
    /// Those of the failed that may come yet.
    pending: Vec<u16>,
}

async fn attempt(engine: &Arc<Inner>, all: Vec<Saved>, tell: bool) -> Round {
    let not_there = |saved: &Saved| {
        let lane = engine.used_lane(saved.port);
        lane.is_none_or(|lane| lane.port().is_none())
    };
    let trying = all.into_iter().filter(not_there).map(|saved| async move {
        let port = saved.port;
        (port, one(engine, saved, tell).await)
    });
    let outcomes: Vec<_> = stream::iter(trying)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut round = Round::default();
    for (port, outcome) in outcomes {
        match outcome {
            None => round.restored.push(port),
            Some(detail) => {
                round.failed.push(port);
                if engine
                    .used_lane(port)
                    .is_none_or(|lane| lane.port().is_none())
                    && !detail.is_gone()
                {
                    round.pending.push(port);
                }
            }
        }
    }
    round.restored.sort_unstable();
    round.failed.sort_unstable();
    round
}

/// Restores one port; the reason if that failed.
async fn one(engine: &Arc<Inner>, saved: Saved, tell: bool) -> Option<Detail> {
    let Saved {
        port,
        proxy_id,
        plan,
        action_type,
        filter,
        upstream,
        options,
    } = saved;
    let want = match upstream {
        None => Some(Want::Named(proxy_id.clone())),
        Some(given) => Upstream::given(&given)
            .ok()
            .map(|upstream| Want::Inline(Box::new(upstream), given)),
    };
    let outcome = match want {
        None => Err(Detail::ProxyInvalid),
        Some(want) => {
            let mut job = engine.job(port, want, &plan, &action_type, Kind::Restore);
            job.rules = options.and_then(Rules::from_saved);
            job.filter = filter.and_then(|filter| serde_json::from_value::<Filter>(filter).ok());
            job.run().await
        }
    };
    let detail = match outcome {
        Ok(Done::Forwarded(_) | Done::Skipped) => return None,
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
    Some(detail)
}

impl Inner {
    /// A saved port that does not listen and will not come back: it is forgotten, and that is told.
    async fn lose(&self, port: u16, detail: &Detail) {
        self.forget([port]);
        let event = events::port_removed(port, &detail.to_string());
        let publishing = self.context.journal.publish(&event);
        let _ = self.context.abandon.run_until_cancelled(publishing).await;
    }
}
