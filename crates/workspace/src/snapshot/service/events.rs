//! The events of snapshots.

use std::time::{Duration, SystemTime};

use loopwire_channel::{Event, Journal};
use serde::Serialize;
use serde_json::Value;

use crate::snapshot::shapes::{Created, Restored, Skipped, SnapshotProgress};
use crate::spec::WORKSPACE;

/// The most files that an event names as left out, and the most bytes of their paths. An event is kept in memory for readers
/// that are behind; more is in the result that the application gets.
const MAX_NAMED: usize = 100;
const MAX_PATH_BYTES: usize = 16 << 10;

/// `snapshot:created`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatedEvent {
    commit_hash: String,
    is_first: bool,
    files: u64,
    bytes: u64,
    /// How many files were left out.
    skipped: u64,
    /// The first of them.
    skipped_files: Vec<SkippedFile>,
    /// How many older snapshots were removed.
    removed: usize,
    duration_ms: u64,
}

#[derive(Serialize)]
struct SkippedFile {
    path: String,
    reason: &'static str,
}

impl CreatedEvent {
    pub(super) fn new(created: &Created, removed: usize) -> Self {
        Self {
            commit_hash: created.commit_hash.clone(),
            is_first: created.is_first,
            files: created.files,
            bytes: created.bytes,
            skipped: created.skipped.count,
            skipped_files: named(&created.skipped.listed),
            removed,
            duration_ms: millis(created.duration),
        }
    }
}

fn named(listed: &[Skipped]) -> Vec<SkippedFile> {
    let mut bytes = 0;
    let fits = |one: &&Skipped| {
        bytes += one.path.len();
        bytes <= MAX_PATH_BYTES
    };
    let named = listed.iter().take(MAX_NAMED).take_while(fits);
    let named = named.map(|one| SkippedFile {
        path: String::from_utf8_lossy(&one.path).into_owned(),
        reason: one.reason.name(),
    });
    named.collect()
}

/// `snapshot:restored`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RestoredEvent {
    commit_hash: String,
    safety_commit: String,
    written: u64,
    deleted: u64,
    duration_ms: u64,
    /// Nobody waits for it: it was cut off, and is finished.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recovered: bool,
}

impl RestoredEvent {
    /// That of a restore which was cut off.
    pub(super) fn recovered(restored: &Restored) -> Self {
        Self {
            recovered: true,
            ..Self::new(restored)
        }
    }

    pub(super) fn new(restored: &Restored) -> Self {
        Self {
            commit_hash: restored.commit_hash.clone(),
            safety_commit: restored.safety_commit.clone(),
            written: restored.written,
            deleted: restored.deleted,
            duration_ms: millis(restored.duration),
            recovered: false,
        }
    }
}

/// `snapshot:progress`
#[derive(Serialize)]
pub(super) struct ProgressEvent {
    phase: &'static str,
    done: u64,
    total: u64,
    bytes: u64,
}

impl ProgressEvent {
    pub(super) const fn new(progress: SnapshotProgress) -> Self {
        Self {
            phase: progress.phase.name(),
            done: progress.done,
            total: progress.total,
            bytes: progress.bytes,
        }
    }

    /// The last one of an operation that failed. The reason goes to whoever asked for the operation: it may name files.
    pub(super) const fn failed(progress: SnapshotProgress) -> Self {
        Self {
            phase: "failed",
            ..Self::new(progress)
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Publishes an event with the id of the command that it answers, if there is one.
pub(super) async fn publish(
    journal: &Journal,
    kind: &str,
    data: &impl Serialize,
    id: Option<&Value>,
) {
    #[derive(Serialize)]
    struct WithId<'a, T> {
        #[serde(flatten)]
        data: &'a T,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a Value>,
    }
    let event = Event::data(WORKSPACE, kind, &WithId { data, id }, SystemTime::now());
    if let Ok(event) = event {
        // Nobody is left to be told if the journal is closed.
        let _ = journal.publish(&event).await;
    }
}
