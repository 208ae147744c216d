//! Whether the store has what a restore is about to replace. The safety snapshot takes over the contents of files that have not
//! changed, and does not look whether a disk has lost them since.

use loopwire_channel::CommandError;

use crate::snapshot::error::store_failed;
use crate::snapshot::scan::{Index, Place, forget};
use crate::snapshot::store::Store;

use super::contents::wanted;
use super::plan::Plan;

/// Refuses to replace what could not be brought back.
pub(super) async fn check_held(
    store: &Store,
    plan: &Plan,
    now: &Index,
    target: &Index,
) -> Result<(), CommandError> {
    let mut replaced = plan.deleted.clone();
    replaced.extend(
        plan.written
            .iter()
            .filter_map(|place| before(place, now, target)),
    );
    if replaced.is_empty() {
        return Ok(());
    }
    let check = ["cat-file", "--batch-check"];
    let told = store.run_with(&check, &wanted(now, &replaced)).await?;
    let mut lines = told.split(|byte| *byte == b'\n');
    if !lines.any(|line| line.ends_with(b" missing")) {
        return Ok(());
    }
    forget(&store.place()?).await?;
    Err(store_failed(
        "the store is damaged: it has lost files that would be replaced; no file was restored. The next snapshot stores \
         them anew: try again",
    ))
}

/// What is in the place of a file of the snapshot.
fn before((at, number): &Place, now: &Index, target: &Index) -> Option<Place> {
    let directory = &target.directories[*at];
    let name = directory.name(&directory.entries[*number]);
    now.place(&directory.path, name)
}
