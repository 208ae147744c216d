//! What is handed out as JSON, with the keys of the objects in JavaScript. A test compares them with `binding.d.ts`.

use loopwire_runtime::{
    Done, Exit, FileNotice, GitDone, GitProgress, GitQuestion, Ready, SkippedFiles,
    SnapshotCreated, SnapshotDiff, SnapshotEntry, SnapshotProgress, SnapshotRestored,
};
use serde_json::{Value, json};

/// An object without the keys that are null: those are left out in JavaScript, too.
fn without_null(object: Value, optional: &[&str]) -> Value {
    let Value::Object(mut object) = object else {
        return object;
    };
    object.retain(|key, value| !value.is_null() || !optional.contains(&key.as_str()));
    Value::Object(object)
}

fn milliseconds(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// `Written`.
pub(super) fn written(done: &Done) -> Value {
    json!({
        "path": done.path,
        "size": done.size,
        "sha256": done.sha256,
        "atomic": done.atomic,
    })
}

/// `TerminalExit`.
pub(super) fn exit(exit: &Exit) -> Value {
    let object = json!({
        "exitCode": exit.code,
        "signal": exit.signal,
        "durationMs": milliseconds(exit.duration),
        "reason": exit.reason,
    });
    without_null(object, &["reason"])
}

/// `WatchReady`.
pub(super) fn ready(ready: &Ready) -> Value {
    let object = json!({"directories": ready.directories, "polling": ready.polling});
    without_null(object, &["polling"])
}

/// `FileChange`.
pub(super) fn change(notice: &FileNotice) -> Value {
    match notice {
        FileNotice::Changed(change) => {
            let object = json!({
                "path": change.path,
                "changeType": change.kind,
                "size": change.size,
                "timestamp": change.timestamp(),
                "isDirectory": change.is_directory,
                "oldPath": change.old_path,
            });
            without_null(object, &["oldPath"])
        }
        FileNotice::Overflow { root, timestamp } => json!({
            "path": root,
            "changeType": "overflow",
            "size": 0,
            "timestamp": timestamp,
            "isDirectory": true,
        }),
    }
}

/// `GitProgressInfo`.
pub(super) fn git_progress(progress: &GitProgress) -> Value {
    json!({
        "percent": progress.percent,
        "status": progress.status,
        "phase": progress.phase,
        "received": progress.received,
        "total": progress.total,
        "bytes": progress.bytes,
        "bytesPerSecond": progress.bytes_per_second,
    })
}

/// `GitQuestion`.
pub(super) fn git_question(question: &GitQuestion) -> Value {
    let object = json!({
        "kind": question.kind.name(),
        "prompt": question.prompt,
        "url": question.url,
        "host": question.host,
        "username": question.username,
        "fingerprint": question.fingerprint,
        "attempt": question.attempt,
    });
    without_null(object, &["url", "host", "username", "fingerprint"])
}

/// `GitResult`.
pub(super) fn git_result(done: &GitDone) -> Value {
    json!({"commit": done.commit})
}

/// `SnapshotCreated`.
pub(super) fn snapshot_created((created, removed): &(SnapshotCreated, usize)) -> Value {
    json!({
        "commitHash": created.commit_hash,
        "isFirst": created.is_first,
        "files": created.files,
        "bytes": created.bytes,
        "changed": created.changed,
        "skipped": created.skipped.count,
        "skippedFiles": skipped(&created.skipped),
        "removed": removed,
        "durationMs": milliseconds(created.duration),
    })
}

/// `SnapshotSkipped`, all of them.
fn skipped(files: &SkippedFiles) -> Vec<Value> {
    let one = |path: &[u8], reason: &str| json!({"path": String::from_utf8_lossy(path), "reason": reason});
    let listed = files.listed.iter();
    listed
        .map(|file| one(&file.path, file.reason.name()))
        .collect()
}

/// `SnapshotRestored`.
pub(super) fn snapshot_restored(restored: &SnapshotRestored) -> Value {
    json!({
        "commitHash": restored.commit_hash,
        "safetyCommit": restored.safety_commit,
        "written": restored.written,
        "deleted": restored.deleted,
        "durationMs": milliseconds(restored.duration),
    })
}

/// `SnapshotInfo`.
pub(super) fn snapshot_info(entry: &SnapshotEntry) -> Value {
    json!({
        "commitHash": entry.commit_hash,
        "message": entry.message,
        "createdAt": entry.created_at,
        "files": entry.files,
        "bytes": entry.bytes,
        "kind": entry.kind.name(),
    })
}

/// `SnapshotDiff`.
pub(super) fn snapshot_diff(diff: &SnapshotDiff) -> Value {
    let changes = diff.changes.iter().map(|change| {
        let object = json!({
            "path": change.path,
            "changeType": change.change_type.name(),
            "oldPath": change.old_path,
            "size": change.size,
            "oldSize": change.old_size,
        });
        without_null(object, &["oldPath"])
    });
    json!({
        "changes": changes.collect::<Vec<_>>(),
        "total": diff.total,
        "truncated": diff.truncated,
    })
}

/// `SnapshotProgress`.
pub(super) fn snapshot_progress(progress: &SnapshotProgress) -> Value {
    json!({
        "phase": progress.phase.name(),
        "done": progress.done,
        "total": progress.total,
        "bytes": progress.bytes,
    })
}
