//! The snapshots of a workspace, as the application uses them.

use std::sync::Arc;

use loopwire_channel::CommandError;
use loopwire_runtime::{
    Failure, MAX_CHANGES, MAX_LISTED, Runtime, SnapshotRun, Snapshots,
    argument::{self as args, Argument},
    option,
};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::snapshot_shapes::{
    SnapshotCreated, SnapshotDiff, SnapshotInfo, SnapshotProgress, SnapshotRestored, number,
};
use super::workspace::NativeWorkspace;
use crate::node::{Given, promised, throwing};

/// Figures, and the number by which the next ones are asked for.
#[napi(object, object_from_js = false)]
pub struct SnapshotReport {
    /// The number.
    pub number: f64,
    /// The figures.
    pub progress: SnapshotProgress,
}

/// One operation: how far it is, and its end before its time.
#[napi]
pub struct NativeSnapshotRun {
    run: SnapshotRun,
    runtime: Arc<Runtime>,
}

#[napi]
impl NativeSnapshotRun {
    /// The latest figures, once there are newer ones than those with the number `seen`; `null` after the end.
    #[napi(catch_unwind, skip_typescript)]
    pub fn next<'env>(&self, env: &'env Env, seen: Given<'_>) -> Result<Object<'env>> {
        let seen = throwing(env, args::integer(seen, "seen", 0..=args::MAX_NUMBER))?;
        let run = self.run.clone();
        promised(env, &self.runtime, async move {
            Ok(run.next(seen).await.map(|(at, progress)| SnapshotReport {
                number: number(at),
                progress: SnapshotProgress {
                    phase: progress.phase.name(),
                    done: number(progress.done),
                    total: number(progress.total),
                    bytes: number(progress.bytes),
                },
            }))
        })
    }

    /// There will be no newer figures.
    #[napi(catch_unwind, skip_typescript)]
    pub fn end(&self) {
        self.run.end();
    }

    /// Ends the operation before its time, if that is possible.
    #[napi(catch_unwind, skip_typescript)]
    pub fn cancel(&self) {
        self.run.cancel();
    }
}

#[napi]
impl NativeWorkspace {
    /// A handle for one operation.
    #[napi(catch_unwind, skip_typescript)]
    pub fn snapshot_run(&self) -> NativeSnapshotRun {
        NativeSnapshotRun {
            run: SnapshotRun::default(),
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// Makes a snapshot; see `Snapshots.create`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn create_snapshot<'env>(
        &self,
        env: &'env Env,
        options: Given<'_>,
        run: &NativeSnapshotRun,
    ) -> Result<Object<'env>> {
        let order = throwing(env, option::snapshot(options))?;
        let run = run.run.clone();
        self.snapshots(env, async move |snapshots| {
            let created = snapshots.create_with(order, &run).await?;
            Ok(SnapshotCreated::from(created))
        })
    }

    /// Makes the files what they were; see `Snapshots.restore`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn restore_snapshot<'env>(
        &self,
        env: &'env Env,
        commit_hash: Given<'_>,
        options: Given<'_>,
        run: &NativeSnapshotRun,
    ) -> Result<Object<'env>> {
        let checked = args::string(commit_hash, "commitHash").and_then(|commit_hash| {
            // It has but the signal, which JavaScript keeps.
            args::options(options, "options", &["signal"])?;
            Ok(commit_hash)
        });
        let commit_hash = throwing(env, checked)?;
        let run = run.run.clone();
        self.snapshots(env, async move |snapshots| {
            let restored = snapshots.restore_with(&commit_hash, None, &run).await?;
            Ok(SnapshotRestored::from(restored))
        })
    }

    /// The snapshots; see `Snapshots.list`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn list_snapshots<'env>(&self, env: &'env Env, options: Given<'_>) -> Result<Object<'env>> {
        let limit = throwing(env, option::snapshot_limit(options, MAX_LISTED))?;
        self.snapshots(env, async move |snapshots| {
            let all = snapshots.list(limit).await?;
            Ok(all.into_iter().map(SnapshotInfo::from).collect::<Vec<_>>())
        })
    }

    /// What differs; see `Snapshots.diff`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn diff_snapshots<'env>(
        &self,
        env: &'env Env,
        from: Given<'_>,
        to: Given<'_>,
        options: Given<'_>,
        run: &NativeSnapshotRun,
    ) -> Result<Object<'env>> {
        let checked = args::string(from, "from").and_then(|from| {
            let without = to.is_missing() || to.is_null();
            let to = (!without).then(|| args::string(to, "to")).transpose()?;
            Ok((from, to, option::snapshot_limit(options, MAX_CHANGES)?))
        });
        let (from, to, limit) = throwing(env, checked)?;
        let run = run.run.clone();
        self.snapshots(env, async move |snapshots| {
            let diff = snapshots
                .diff_with(&from, to.as_deref(), limit, &run)
                .await?;
            Ok(SnapshotDiff::from(diff))
        })
    }

    /// Deletes a snapshot; see `Snapshots.delete`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn delete_snapshot<'env>(
        &self,
        env: &'env Env,
        commit_hash: Given<'_>,
        run: &NativeSnapshotRun,
    ) -> Result<Object<'env>> {
        let commit_hash = throwing(env, args::string(commit_hash, "commitHash"))?;
        let run = run.run.clone();
        self.snapshots(env, async move |snapshots| {
            snapshots.delete_with(&commit_hash, &run).await
        })
    }
}

impl NativeWorkspace {
    /// A Promise of what `work` does with the snapshots.
    fn snapshots<'env, T, F>(
        &self,
        env: &'env Env,
        work: impl FnOnce(Snapshots) -> F + Send + 'static,
    ) -> Result<Object<'env>>
    where
        T: ToNapiValue + Send + 'static,
        F: Future<Output = std::result::Result<T, CommandError>> + Send + 'static,
    {
        let workspace = self.workspace.clone();
        promised(env, &self.runtime, async move {
            let snapshots = workspace.snapshots();
            let snapshots = snapshots.ok_or_else(|| Failure::not_enabled("snapshots"))?;
            let done = work(snapshots.clone()).await;
            done.map_err(|refusal| Failure::refused(&refusal))
        })
    }
}
