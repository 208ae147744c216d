//! The list of snapshots.

use loopwire_channel::CommandError;

use super::entry::{FORMAT, Told};
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
    Told::all(&store.run(&arguments).await?)
}
