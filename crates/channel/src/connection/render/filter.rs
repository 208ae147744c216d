//! Filters: what one connection gets of the events of some topics.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::event::{Topic, Topics};

/// Decides what one connection gets of the events of some topics.
///
/// It is called, and dropped, under the lock of its connection: neither may block or call a [`crate::Peer`]. A publisher may
/// render a lone event itself, so it is also called inside of `publish`: whoever publishes must not hold a lock that the
/// filter takes.
/// It may see the same event again, because what was rendered and not written is rendered once more: so it must answer
/// alike, and count nothing.
pub trait EventFilter: Send + Sync {
    /// What takes the place of the event with this JSON.
    fn filter(&self, json: &[u8]) -> Filtered;
}

/// What a connection gets in the place of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filtered {
    /// The event as it is, with its detail twin.
    Pass,
    /// Nothing.
    Drop,
    /// The events with these JSON texts, each an object with `type` as its first key. They are sent as one unit, which no
    /// partial write splits: whoever gets the first one gets all of them. For `loopwire.v1` all have the event's number.
    Instead(Vec<Vec<u8>>),
}

/// The filters of one connection.
#[derive(Default)]
pub(crate) struct Filters {
    /// No topic is in two of the sets.
    list: SmallVec<[(Topics, Arc<dyn EventFilter>); 1]>,
    /// All their topics.
    topics: Topics,
}

impl std::fmt::Debug for Filters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filters")
            .field("topics", &self.topics)
            .finish_non_exhaustive()
    }
}

impl Filters {
    /// Sets the filter of these topics, or removes it.
    pub(crate) fn set(&mut self, topics: Topics, filter: Option<Arc<dyn EventFilter>>) {
        self.list.retain(|(filtered, _)| {
            *filtered = filtered.without(topics);
            !filtered.is_empty()
        });
        self.topics = self.topics.without(topics);
        if let Some(filter) = filter
            && !topics.is_empty()
        {
            self.list.push((topics, filter));
            self.topics = self.topics.with(topics);
        }
    }

    /// The topics that have a filter. The connection gets these through it, whatever its form is.
    #[inline]
    pub(super) const fn topics(&self) -> Topics {
        self.topics
    }

    pub(super) fn filter(&self, topic: Topic, json: &[u8]) -> Filtered {
        let found = self.list.iter().find(|(topics, _)| topics.admits(topic));
        found.map_or(Filtered::Pass, |(_, filter)| filter.filter(json))
    }
}

#[cfg(test)]
#[path = "filter_test.rs"]
mod tests;
