//! The difference between two snapshots, or between one and the files as they are now.

use std::collections::HashMap;

use loopwire_channel::CommandError;

use super::modes::changed;
use super::raw::{RawEntry, entries};
use super::sizes::sizes;
use crate::snapshot::error::store_failed;
use crate::snapshot::records::{Change, ChangeType, Diff, MAX_CHANGES};
use crate::snapshot::store::Store;

/// How many paths are listed without a limit.
const DEFAULT_CHANGES: usize = 1_000;

/// The most bytes of all paths that are listed, so that the list stays a message that one can send.
const MAX_PATH_BYTES: usize = 1 << 20;

/// The most files that are compared with each other to find renamed ones that were changed, too: it costs the product of
/// both numbers. Renamed files with the same contents are always found.
const RENAME_LIMIT: &str = "-l1000";

/// The difference between two snapshots, or commits that are made as those are.
pub(crate) async fn diff(
    store: &Store,
    from: &str,
    to: &str,
    limit: Option<usize>,
) -> Result<Diff, CommandError> {
    let trees = (store.files_tree(from).await?, store.files_tree(to).await?);
    let mut arguments = vec!["diff-tree", "-r", "-z", "--raw", "-M", RENAME_LIMIT];
    arguments.extend([trees.0.as_str(), trees.1.as_str()]);
    let output = store.run(&arguments).await?;
    let mut all = entries(&output);
    let mut differ: Vec<_> = all.by_ref().collect();
    if !all.rest().is_empty() {
        return Err(store_failed("git diff-tree answered what is no difference"));
    }
    let known = differ.iter().map(|entry| entry.path).collect();
    let others = changed(store, (from, to), &trees.1, &known).await?;
    differ.extend(others.iter().map(|(path, object)| RawEntry {
        status: b'M',
        path,
        old_path: None,
        old: Some(object),
        new: Some(object),
    }));
    differ.sort_unstable_by_key(|entry| entry.path);
    let total = differ.len() as u64;
    differ.truncate(fitting(
        &differ,
        limit.unwrap_or(DEFAULT_CHANGES).min(MAX_CHANGES),
    ));
    let objects = differ.iter().flat_map(|entry| [entry.old, entry.new]);
    let objects: Vec<_> = objects.flatten().collect();
    let sizes = sizes(store, &objects).await?;
    Ok(Diff {
        truncated: (differ.len() as u64) < total,
        changes: differ.iter().map(|entry| change(entry, &sizes)).collect(),
        total,
    })
}

/// How many of them are listed.
fn fitting(differ: &[RawEntry<'_>], limit: usize) -> usize {
    let mut bytes = 0;
    let fits = |entry: &&RawEntry<'_>| {
        bytes += entry.path.len() + entry.old_path.map_or(0, <[u8]>::len);
        bytes <= MAX_PATH_BYTES
    };
    differ.iter().take(limit).take_while(fits).count()
}

fn change(entry: &RawEntry<'_>, sizes: &HashMap<Vec<u8>, u64>) -> Change {
    let size = |object: Option<&[u8]>| sizes.get(object?).copied();
    Change {
        path: lossy(entry.path),
        change_type: match entry.status {
            b'A' => ChangeType::Created,
            b'D' => ChangeType::Deleted,
            b'R' => ChangeType::Renamed,
            _ => ChangeType::Modified,
        },
        old_path: entry.old_path.map(lossy),
        size: size(entry.new),
        old_size: size(entry.old),
    }
}

fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
