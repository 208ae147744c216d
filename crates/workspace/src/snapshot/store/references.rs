//! Which snapshots the store has.

use loopwire_channel::CommandError;

use crate::snapshot::error::{not_found, store_failed};
use crate::snapshot::format::{EMPTY_TREE, FILES, NAMESPACE, Reference};

use super::repository::Store;

impl Store {
    /// All snapshots, the oldest first.
    pub(crate) async fn references(&self) -> Result<Vec<Reference>, CommandError> {
        let format = "--format=%(objectname) %(refname)";
        let told = self.run(&["for-each-ref", format, NAMESPACE]).await?;
        let told = String::from_utf8(told)
            .map_err(|_| store_failed("git for-each-ref answered what is no text"))?;
        let mut references = told
            .lines()
            .map(Reference::parse)
            .collect::<Result<Vec<_>, _>>()?;
        references.sort_by_key(|reference| reference.number);
        Ok(references)
    }

    /// The snapshot with this hash.
    pub(crate) async fn find(&self, commit_hash: &str) -> Result<Reference, CommandError> {
        let mut references = self.references().await?.into_iter();
        let found = references.find(|reference| reference.commit_hash == commit_hash);
        found.ok_or_else(|| not_found(commit_hash))
    }

    /// The name of the tree with the workspace's files in this snapshot.
    pub(crate) async fn files_tree(&self, commit_hash: &str) -> Result<String, CommandError> {
        let told = self.run(&["ls-tree", commit_hash, FILES]).await?;
        let told = String::from_utf8_lossy(&told).into_owned();
        // "040000 tree <name>\tfiles"; nothing if there are no files.
        let name = told.split_whitespace().nth(2);
        Ok(name.unwrap_or(EMPTY_TREE).to_owned())
    }
}
