//! What the functions of snapshots resolve to.

use loopwire_runtime::{SkippedFiles, SnapshotEntry};
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// A snapshot that was taken.
#[napi(object, object_from_js = false)]
pub struct SnapshotCreated {
    /// Its name: 40 hexadecimal digits.
    pub commit_hash: String,
    /// Whether there was no other snapshot.
    pub is_first: bool,
    /// How many files and links it holds.
    pub files: f64,
    /// The bytes of them.
    pub bytes: f64,
    /// How many of them differ from the snapshot before.
    pub changed: f64,
    /// How many files and directories were left out. What is in such a directory is not counted.
    pub skipped: f64,
    /// The first 1000 of those, the ignored ones last.
    pub skipped_files: Vec<SnapshotSkipped>,
    /// How many older snapshots were removed afterwards.
    pub removed: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
}

/// A file or a directory that was left out.
#[napi(object, object_from_js = false)]
pub struct SnapshotSkipped {
    /// Its path, relative to the root. Bytes that are not UTF-8 are U+FFFD.
    pub path: String,
    /// Why: a rule ignores it, it is larger than `maxSnapshotFileBytes`, it is a pipe, a socket or a device, it may not be
    /// read; or it was changed while it was read, and the snapshot may hold a mixture.
    #[napi(ts_type = "'ignored' | 'tooLarge' | 'special' | 'unreadable' | 'changed'")]
    pub reason: &'static str,
}

/// A restore that is complete.
#[napi(object, object_from_js = false)]
pub struct SnapshotRestored {
    /// The snapshot whose files are there again.
    pub commit_hash: String,
    /// The snapshot that holds what was there before.
    pub safety_commit: String,
    /// How many files and links were written, or got other permissions.
    pub written: f64,
    /// How many files and links were deleted.
    pub deleted: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
}

/// A snapshot in the list.
#[napi(object, object_from_js = false)]
pub struct SnapshotInfo {
    /// Its name: 40 hexadecimal digits.
    pub commit_hash: String,
    /// The message that it was taken with; empty without one.
    pub message: String,
    /// When it was taken, as `2025-10-16T12:00:00.000Z`.
    pub created_at: String,
    /// How many files and links it holds.
    pub files: f64,
    /// The bytes of them.
    pub bytes: f64,
    /// `'safety'` if it was taken before a restore changed anything.
    #[napi(ts_type = "'manual' | 'safety'")]
    pub kind: &'static str,
}

/// A path that differs.
#[napi(object, object_from_js = false)]
pub struct SnapshotChange {
    /// Its path, relative to the root. Bytes that are not UTF-8 are U+FFFD.
    pub path: String,
    /// What has become of it.
    #[napi(ts_type = "'created' | 'modified' | 'deleted' | 'renamed'")]
    pub change_type: &'static str,
    /// Its path before, if it was renamed.
    pub old_path: Option<String>,
    /// Its size in bytes; `null` if it is gone.
    #[napi(ts_type = "number | null")]
    pub size: Either<f64, Null>,
    /// Its size in bytes before; `null` if it was not there.
    #[napi(ts_type = "number | null")]
    pub old_size: Either<f64, Null>,
}

/// The difference between two snapshots.
#[napi(object, object_from_js = false)]
pub struct SnapshotDiff {
    /// The paths that differ, in the order of their bytes.
    pub changes: Vec<SnapshotChange>,
    /// How many differ.
    pub total: f64,
    /// Whether `changes` has only the first of them.
    pub truncated: bool,
}

/// How far an operation is.
#[napi(object, object_from_js = false)]
pub struct SnapshotProgress {
    /// What it is doing. Until `'replacing'` no file of the workspace has changed.
    #[napi(ts_type = "'waiting' | 'scanning' | 'storing' | 'reading' | 'replacing'")]
    pub phase: &'static str,
    /// The files that are done in this phase.
    pub done: f64,
    /// The files of this phase; 0 while that is not known.
    pub total: f64,
    /// The bytes of the files that are done.
    pub bytes: f64,
}

#[expect(clippy::cast_precision_loss, reason = "counts lie below 2^53")]
pub(super) const fn number(count: u64) -> f64 {
    count as f64
}

fn optional(count: Option<u64>) -> Either<f64, Null> {
    count.map_or(Either::B(Null), |count| Either::A(number(count)))
}

impl From<(loopwire_runtime::SnapshotCreated, usize)> for SnapshotCreated {
    fn from((created, removed): (loopwire_runtime::SnapshotCreated, usize)) -> Self {
        Self {
            commit_hash: created.commit_hash,
            is_first: created.is_first,
            files: number(created.files),
            bytes: number(created.bytes),
            changed: number(created.changed),
            skipped: number(created.skipped.count),
            skipped_files: skipped(&created.skipped),
            removed: number(removed as u64),
            duration_ms: created.duration.as_secs_f64() * 1_000.0,
        }
    }
}

fn skipped(files: &SkippedFiles) -> Vec<SnapshotSkipped> {
    let listed = files.listed.iter();
    let listed = listed.map(|one| SnapshotSkipped {
        path: String::from_utf8_lossy(&one.path).into_owned(),
        reason: one.reason.name(),
    });
    listed.collect()
}

impl From<loopwire_runtime::SnapshotRestored> for SnapshotRestored {
    fn from(restored: loopwire_runtime::SnapshotRestored) -> Self {
        Self {
            commit_hash: restored.commit_hash,
            safety_commit: restored.safety_commit,
            written: number(restored.written),
            deleted: number(restored.deleted),
            duration_ms: restored.duration.as_secs_f64() * 1_000.0,
        }
    }
}

impl From<SnapshotEntry> for SnapshotInfo {
    fn from(entry: SnapshotEntry) -> Self {
        Self {
            commit_hash: entry.commit_hash,
            message: entry.message,
            created_at: entry.created_at,
            files: number(entry.files),
            bytes: number(entry.bytes),
            kind: entry.kind.name(),
        }
    }
}

impl From<loopwire_runtime::SnapshotDiff> for SnapshotDiff {
    fn from(diff: loopwire_runtime::SnapshotDiff) -> Self {
        let changes = diff.changes.into_iter().map(|change| SnapshotChange {
            path: change.path,
            change_type: change.change_type.name(),
            old_path: change.old_path,
            size: optional(change.size),
            old_size: optional(change.old_size),
        });
        Self {
            changes: changes.collect(),
            total: number(diff.total),
            truncated: diff.truncated,
        }
    }
}
