//! Selection: what a connection gets of its topics, where that is not everything.

use super::filter::Filters;
use crate::event::Topics;
use crate::silence::HeldBack;

/// The filters of a connection, and its silence.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) filters: Filters,
    pub(crate) held_back: HeldBack,
}

impl Selection {
    /// The topics of which not every event is passed as it is, from this number on; usually none.
    #[inline]
    pub(super) fn topics(&self, next: u64) -> Topics {
        self.filters.topics().with(self.held_back.topics(next))
    }
}
