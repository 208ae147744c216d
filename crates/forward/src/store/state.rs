//! The state that is to be on the disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::Saved;

/// The state that is to be on the disk.
#[derive(Clone, Default)]
pub(super) struct SavedState {
    /// Shared with a running write, so that copying the state is quick.
    pub(super) ports: BTreeMap<u16, Arc<Saved>>,
    /// Counts the changes. What was read is version 0.
    pub(super) version: u64,
    pub(super) closing: bool,
}
