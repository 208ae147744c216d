//! Topics: the families of events, and the sets of them that a sink may see.

/// How many topics the engines of one runtime may have together: a set of topics is one byte.
pub const MAX_ENGINE_TOPICS: u8 = 5;

/// The number of the first engine topic. Those below are the channel's own.
const FIRST_ENGINE_TOPIC: u8 = 3;

/// The family an event belongs to. It decides which connections may see the event.
///
/// The channel has three topics of its own. Every other topic belongs to an engine, which makes it with
/// [`Topic::engine`] and declares it in its [`crate::EngineSpec`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Topic(u8);

impl Topic {
    /// The channel about itself (`fault`). Callbacks and `loopwire.v1` connections see it.
    pub const CONTROL: Self = Self(1);
    /// The application's own events. Every sink sees them.
    pub const APP: Self = Self(1 << 1);
    /// Events for callbacks alone, because connections learn the same in another way.
    pub const CALLBACK: Self = Self(1 << 2);

    /// A topic of an engine. No two engines of a runtime may use the same number.
    ///
    /// # Panics
    /// If the number is not below [`MAX_ENGINE_TOPICS`]; in a constant this is a compile error.
    #[must_use]
    pub const fn engine(number: u8) -> Self {
        assert!(number < MAX_ENGINE_TOPICS, "there is no such engine topic");
        Self(1 << (FIRST_ENGINE_TOPIC + number))
    }

    /// The one bit that stands for it in a set.
    #[must_use]
    pub const fn bit(self) -> u8 {
        self.0
    }
}

/// The plain connections that see a topic. Callbacks see every topic, and `loopwire.v1` connections every topic but those
/// with [`Audience::Asked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Connections of the SDK's form, `/ws/{token}`.
    Sdk,
    /// Connections of the sandbox's forms, `/?token={token}` and `/ws` with a header.
    Sandbox,
    /// No connection by itself, not even one of `loopwire.v1`: only those that have a filter for the topic
    /// ([`crate::Peer::set_filter`]).
    Asked,
}

/// A set of topics: what one sink is allowed to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Topics(u8);

impl Topics {
    /// What a connection can see: everything but [`Topic::CALLBACK`]. A callback sees that, too.
    pub const ALL: Self = Self(!Topic::CALLBACK.0);

    /// These topics and no others.
    #[must_use]
    pub fn only(topics: &[Topic]) -> Self {
        Self(topics.iter().fold(0, |set, topic| set | topic.0))
    }

    /// What a `loopwire.v1` connection sees by itself: all but what must be asked for.
    pub fn of_v1(declared: impl IntoIterator<Item = (Topic, Audience)>) -> Self {
        let declared = declared.into_iter();
        let asked = declared.filter(|(_, audience)| *audience == Audience::Asked);
        Self(asked.fold(Self::ALL.0, |set, (topic, _)| set & !topic.0))
    }

    /// What a plain connection of that form sees: the application's events, and the topics declared for it.
    pub fn of(audience: Audience, declared: impl IntoIterator<Item = (Topic, Audience)>) -> Self {
        let declared = declared.into_iter();
        let own = declared.filter(|(_, audiences)| *audiences == audience);
        Self(own.fold(Topic::APP.0, |set, (topic, _)| set | topic.0))
    }

    /// The topics of both sets.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// The topics that are not in the other set.
    #[inline]
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether no topic is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `topic` is in the set.
    #[inline]
    #[must_use]
    pub const fn admits(self, topic: Topic) -> bool {
        self.0 & topic.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: Topic = Topic::engine(0);
    const FILES: Topic = Topic::engine(MAX_ENGINE_TOPICS - 1);

    fn seen(topics: Topics) -> Vec<Topic> {
        let all = [Topic::CONTROL, Topic::APP, Topic::CALLBACK, PORTS, FILES];
        all.into_iter().filter(|one| topics.admits(*one)).collect()
    }

    #[test]
    fn a_plain_connection_sees_the_application_and_what_is_declared_for_its_form() {
        let declared = [(PORTS, Audience::Sdk), (FILES, Audience::Sandbox)];
        assert_eq!(
            seen(Topics::of(Audience::Sdk, declared)),
            [Topic::APP, PORTS]
        );
        assert_eq!(
            seen(Topics::of(Audience::Sandbox, declared)),
            [Topic::APP, FILES]
        );
        assert_eq!(seen(Topics::of(Audience::Sdk, [])), [Topic::APP]);
    }

    #[test]
    fn what_must_be_asked_for_no_connection_sees_by_itself() {
        let declared = [(PORTS, Audience::Sdk), (FILES, Audience::Asked)];
        assert_eq!(seen(Topics::of(Audience::Sandbox, declared)), [Topic::APP]);
        assert_eq!(
            seen(Topics::of_v1(declared)),
            [Topic::CONTROL, Topic::APP, PORTS]
        );
        assert_eq!(seen(Topics::only(&[FILES])), [FILES]);
        assert_eq!(
            seen(Topics::of_v1(declared).with(Topics::only(&[FILES]))),
            seen(Topics::ALL)
        );
    }

    #[test]
    fn a_connection_that_sees_all_sees_nothing_that_is_for_callbacks_alone() {
        assert_eq!(
            seen(Topics::ALL),
            [Topic::CONTROL, Topic::APP, PORTS, FILES]
        );
    }
}
