//! The list of snapshots.

use loopwire_channel::CommandError;

use super::entry::{FORMAT, Told};
use crate::snapshot::error::store_failed;
use crate::snapshot::format::NAMESPACE;
use crate::snapshot::records::{MAX_LISTED, SnapshotEntry};
use crate::snapshot::store::Store;

/// How many are listed without a limit.
const DEFAULT_LISTED: usize = 100;

/// The newest snapshots, newest first.
pub(crate) async fn list(
    store: &Store,
    limit: Option<usize>,
) -> Result<Vec<SnapshotEntry>, CommandError> {
    let limit = limit.unwrap_or(DEFAULT_LISTED);
    let told = told(store, Some(limit.min(MAX_LISTED))).await?;
    Ok(told.into_iter().map(Told::entry).collect())
}

/// The newest snapshots, or all of them, newest first: the numbers in their names rise.
pub(super) async fn told(store: &Store, limit: Option<usize>) -> Result<Vec<Told>, CommandError> {
    let count = limit.map(|limit| format!("--count={limit}"));
    let mut arguments = vec!["for-each-ref", "--sort=-refname", FORMAT];
    arguments.extend(count.as_deref());
    arguments.push(NAMESPACE);
    match store.run(&arguments).await {
        Ok(output) => Told::all(&output),
        Err(error) => Err(lost(store).await?.unwrap_or(error)),
    }
}

/// Names a snapshot that the store has lost, if there is one. It is not left out of the list: that would say that it never
/// was there.
async fn lost(store: &Store) -> Result<Option<CommandError>, CommandError> {
    let references = store.references().await?;
    let names: String = (references.iter())
        .map(|one| format!("{}\n", one.commit_hash))
        .collect();
    let check = ["cat-file", "--batch-check"];
    let told = store.run_with(&check, names.as_bytes()).await?;
    let told = String::from_utf8_lossy(&told);
    let mut missing = told
        .lines()
        .filter_map(|line| line.strip_suffix(" missing"));
    let Some(first) = missing.next() else {
        return Ok(None);
    };
    let count = 1 + missing.count();
    Ok(Some(store_failed(&format!(
        "the store is damaged: it has lost {count} of {} snapshots; delete them, the first is {first}",
        references.len()
    ))))
}
