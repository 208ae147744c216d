//! What is to be on the disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::Saved;

/// What is to be on the disk.
#[derive(Clone, Default)]
pub(super) struct SavedState {
    /// Shared with a write under way, so that taking a copy for one is quick.
    pub(super) ports: BTreeMap<u16, Arc<Saved>>,
    /// Counts the changes. What was read is version 0.
    pub(super) version: u64,
    pub(super) closing: bool,
}
