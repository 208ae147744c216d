//! Which kinds of events can be muted: the engines say so, since the channel knows none of them.

use crate::event::{Topic, Topics, json};

/// An engine's declaration of a kind of event that connections can mute.
#[derive(Clone, Copy, Debug)]
pub struct Mutable {
    /// The whole `type` of these events. It must be the first key of their JSON.
    pub kind: &'static str,
    /// The `type` of the message that says at the end how many were held back.
    pub summary: &'static str,
}

/// The mutable kinds of all engines of a listener.
#[derive(Debug, Default)]
pub(crate) struct MutableKinds {
    /// The topics that may have such events.
    topics: Topics,
    kinds: Vec<MutableKind>,
}

#[derive(Debug)]
struct MutableKind {
    /// `{"type":"…"`
    head: Vec<u8>,
    summary: &'static str,
}

impl MutableKinds {
    /// Adds what one engine declares; its events have these topics.
    pub(crate) fn add(&mut self, topics: &[Topic], declared: &[Mutable]) {
        if declared.is_empty() {
            return;
        }
        self.topics = self.topics.with(Topics::only(topics));
        self.kinds.extend(declared.iter().map(|mutable| {
            let mut head = br#"{"type":"#.to_vec();
            json::write_string(&mut head, mutable.kind);
            MutableKind {
                head,
                summary: mutable.summary,
            }
        }));
    }

    #[inline]
    pub(super) const fn topics(&self) -> Topics {
        self.topics
    }

    /// The number of the kind of this event; nothing if it cannot be muted.
    pub(super) fn find(&self, json: &[u8]) -> Option<usize> {
        let begins = |kind: &MutableKind| json.starts_with(&kind.head);
        self.kinds.iter().position(begins)
    }

    pub(super) fn summary(&self, kind: usize) -> &'static str {
        self.kinds[kind].summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_type_that_is_declared_is_found() {
        let mut kinds = MutableKinds::default();
        kinds.add(&[Topic::engine(3)], &[]);
        assert!(kinds.topics().is_empty());
        let declared = Mutable {
            kind: "file:changed",
            summary: "file:summary",
        };
        kinds.add(&[Topic::engine(0), Topic::engine(1)], &[declared]);
        assert_eq!(kinds.find(br#"{"type":"file:changed","data":{}}"#), Some(0));
        assert_eq!(kinds.find(br#"{"type":"file:changed"}"#), Some(0));
        for other in [
            r#"{"type":"file:change"}"#,
            r#"{"type":"file:changedx"}"#,
            r#"{"type":"x","data":{"type":"file:changed"}}"#,
            "",
        ] {
            assert_eq!(kinds.find(other.as_bytes()), None, "{other}");
        }
        assert!(kinds.topics().admits(Topic::engine(1)));
        assert!(!kinds.topics().admits(Topic::engine(3)));
    }
}
