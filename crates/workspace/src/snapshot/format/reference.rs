//! The refs that keep snapshots: numbers that rise, so that the order does not depend on the clock.

use loopwire_channel::CommandError;

use crate::snapshot::error::store_failed;

/// Where the refs are.
pub(crate) const NAMESPACE: &str = "refs/snapshots/";

/// A snapshot that the store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Its number. Later ones have larger numbers.
    pub(crate) number: u64,
    /// Its commit.
    pub(crate) commit_hash: String,
}

impl Reference {
    /// Reads a line of `git for-each-ref --format=%(objectname) %(refname)`.
    pub(crate) fn parse(line: &str) -> Result<Self, CommandError> {
        let parsed = line.split_once(' ').and_then(|(commit_hash, name)| {
            let number = name.strip_prefix(NAMESPACE)?.parse().ok()?;
            let commit_hash = commit_hash.to_owned();
            Some(Self {
                number,
                commit_hash,
            })
        });
        parsed
            .ok_or_else(|| store_failed("the store has a reference that is not one of a snapshot"))
    }
}

/// The name of the ref: 20 digits, so that names sort as numbers do.
pub(crate) fn reference(number: u64) -> String {
    format!("{NAMESPACE}{number:020}")
}
