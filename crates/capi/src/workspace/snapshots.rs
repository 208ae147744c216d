//! Snapshots: the files of the workspace at a moment.

use std::ffi::c_char;

use loopwire_channel::CommandError;
use loopwire_runtime::argument as args;
use loopwire_runtime::{Failure, MAX_CHANGES, MAX_LISTED, Outcome, Snapshots, option};
use serde_json::Value;

use super::handle::{LoopwireWorkspace, workspace};
use super::output::{json_out, optional_out};
use super::shapes;
use super::snapshot_run::{LoopwireSnapshotRun, UnderWay};
use crate::boundary::{Given, LoopwireResult, call, handle_out, json, optional_text, text};

impl LoopwireWorkspace {
    /// Waits for what `work` does with the snapshots.
    fn snapshot<T, F>(&self, work: impl FnOnce(Snapshots) -> F) -> Outcome<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, CommandError>> + Send + 'static,
    {
        let work = work(self.snapshots()?);
        self.wait(async move { work.await.map_err(|refusal| Failure::refused(&refusal)) })
    }
}

/// Takes a snapshot of all files, and waits for it: it is on the disk then.
///
/// `options` is the text of a JSON object, `{message?, keep?: {count?, ageMs?}}`, as for `snapshots.create` in docs/workspace.md, or
/// NULL for none. `run`, unless NULL, tells another thread how far it is, and ends it. `out` receives JSON text, to be given back
/// with `loopwire_free`; it may be NULL: `{"commitHash", "isFirst", "files", "bytes", "changed", "skipped", "skippedFiles": [{"path",
/// "reason"}], "removed", "durationMs"}`.
///
/// Fails with `LOOPWIRE_RESULT_CANCELLED`, and with the codes `GIT_NOT_FOUND`, `ROOT_REFUSED`, `ROOT_GONE`, `TOO_MANY_FILES`, `BUSY`,
/// `NO_SPACE`, `SNAPSHOT_FAILED`, `NOT_ENABLED`, `NO_WORKSPACE`. Events: `snapshot:progress`, `snapshot:created`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `options` is NULL or ends with a NUL; `run` is NULL or a run that was not
/// freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_create(
    workspace: *const LoopwireWorkspace,
    options: *const c_char,
    run: *const LoopwireSnapshotRun,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, options, under_way) = unsafe {
            optional_out(out, "out")?;
            let workspace = self::workspace(workspace)?;
            let options = json(options, "options")?;
            (workspace, options, UnderWay::begin(run)?)
        };
        let order = option::snapshot(Given::options(options.as_ref()))?;
        let run = under_way.run();
        let created = workspace
            .snapshot(|snapshots| async move { snapshots.create_with(order, &run).await })?;
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::snapshot_created(&created)) }
    })
}

/// The snapshots, newest first.
///
/// `options` is the text of a JSON object, `{limit?}`, or NULL for none: 100 of them then. `out` receives JSON text, to be given
/// back with `loopwire_free`: an array of `{"commitHash", "message", "createdAt", "files", "bytes", "kind": "manual" or "safety"}`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `options` is NULL or ends with a NUL; `out` is NULL or can be
/// written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_list(
    workspace: *const LoopwireWorkspace,
    options: *const c_char,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, options) = unsafe {
            handle_out(out, "out")?;
            (self::workspace(workspace)?, json(options, "options")?)
        };
        let limit = option::snapshot_limit(Given::options(options.as_ref()), MAX_LISTED)?;
        let all = workspace.snapshot(|snapshots| async move { snapshots.list(limit).await })?;
        let all: Vec<_> = all.iter().map(shapes::snapshot_info).collect();
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &Value::from(all)) }
    })
}

/// What differs from the snapshot `from` to the snapshot `to`, or to the files as they are now if `to` is NULL.
///
/// `options` is the text of a JSON object, `{limit?}`, or NULL for none. `run`, unless NULL, is for ending it from another thread.
/// `out` receives JSON text, to be given back with `loopwire_free`: `{"changes": [{"path", "changeType": "created", "modified",
/// "deleted" or "renamed", "oldPath"?, "size", "oldSize": numbers or null}], "total", "truncated"}`.
///
/// Fails as `loopwire_snapshot_create` does, and with the code `SNAPSHOT_NOT_FOUND`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; texts are NULL or end with a NUL; `run` is NULL or a run that was not
/// freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_diff(
    workspace: *const LoopwireWorkspace,
    from: *const c_char,
    to: *const c_char,
    options: *const c_char,
    run: *const LoopwireSnapshotRun,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, from, to, options, under_way) = unsafe {
            handle_out(out, "out")?;
            let workspace = self::workspace(workspace)?;
            let (from, to) = (text(from, "from")?, optional_text(to, "to")?);
            let options = json(options, "options")?;
            (workspace, from, to, options, UnderWay::begin(run)?)
        };
        let from = args::string(from, "from")?;
        let to = match to {
            Given::Missing => None,
            to => Some(args::string(to, "to")?),
        };
        let limit = option::snapshot_limit(Given::options(options.as_ref()), MAX_CHANGES)?;
        let run = under_way.run();
        let diff = workspace.snapshot(|snapshots| async move {
            snapshots.diff_with(&from, to.as_deref(), limit, &run).await
        })?;
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::snapshot_diff(&diff)) }
    })
}

/// Makes the files of the workspace those of the snapshot `commit_hash`, and waits for it. What they were before is in a safety
/// snapshot.
///
/// `run`, unless NULL, tells another thread how far it is, and ends it until it replaces files. `out` receives JSON text, to be
/// given back with `loopwire_free`; it may be NULL: `{"commitHash", "safetyCommit", "written", "deleted", "durationMs"}`.
///
/// Fails as `loopwire_snapshot_create` does, and with the codes `SNAPSHOT_NOT_FOUND`, `RESTORE_INCOMPLETE`. Events:
/// `snapshot:progress`, `snapshot:restored`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `commit_hash` is NULL or ends with a NUL; `run` is NULL or a run that
/// was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_restore(
    workspace: *const LoopwireWorkspace,
    commit_hash: *const c_char,
    run: *const LoopwireSnapshotRun,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, commit_hash, under_way) = unsafe {
            optional_out(out, "out")?;
            let workspace = self::workspace(workspace)?;
            let commit_hash = text(commit_hash, "commit_hash")?;
            (workspace, commit_hash, UnderWay::begin(run)?)
        };
        let commit_hash = args::string(commit_hash, "commit_hash")?;
        let run = under_way.run();
        let restored = workspace.snapshot(|snapshots| async move {
            snapshots.restore_with(&commit_hash, None, &run).await
        })?;
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::snapshot_restored(&restored)) }
    })
}

/// Deletes the snapshot `commit_hash`, and frees the space that only this one needs. Waits for it.
///
/// `run`, unless NULL, is for ending it from another thread; once its turn has come it is completed.
///
/// Fails with `LOOPWIRE_RESULT_CANCELLED`, and with the codes `SNAPSHOT_NOT_FOUND`, `BUSY` and those of
/// `loopwire_snapshot_create`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `commit_hash` is NULL or ends with a NUL; `run` is NULL or a run that
/// was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_delete(
    workspace: *const LoopwireWorkspace,
    commit_hash: *const c_char,
    run: *const LoopwireSnapshotRun,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, commit_hash, under_way) = unsafe {
            let workspace = self::workspace(workspace)?;
            let commit_hash = text(commit_hash, "commit_hash")?;
            (workspace, commit_hash, UnderWay::begin(run)?)
        };
        let commit_hash = args::string(commit_hash, "commit_hash")?;
        let run = under_way.run();
        workspace
            .snapshot(|snapshots| async move { snapshots.delete_with(&commit_hash, &run).await })
    })
}
