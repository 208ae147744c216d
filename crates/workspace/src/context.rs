//! What every part of a workspace works with.

use std::sync::Arc;

use loopwire_channel::{Executor, Journal};

use crate::process::Guardian;
use crate::root::Root;

/// What every part of a workspace works with. Clones share it.
#[derive(Clone)]
pub(crate) struct WorkspaceContext {
    pub(crate) root: Root,
    /// Where the part publishes its events.
    pub(crate) journal: Arc<Journal>,
    /// Where its tasks run.
    pub(crate) executor: Executor,
    /// Kills whatever the part has started, should this process die before the part has ended that.
    pub(crate) guardian: Arc<Guardian>,
}
