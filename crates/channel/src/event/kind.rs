//! Kinds of events: which topic and form the events of a `type` have (PROTOCOL section 2).

use super::json;
use super::topic::Topic;

/// A `type` that is looked up once and published any number of times.
#[derive(Clone, Debug)]
pub struct Kind {
    topic: Topic,
    form: EventForm,
    /// `{"type":"…"`
    head: Vec<u8>,
}

impl Kind {
    /// How each event begins.
    pub(super) const HEAD: &[u8] = br#"{"type":"#;

    /// The kind of the events of that `type`, which the application wants to publish: as an engine has declared it in
    /// `declared`, or else the application's own. Nothing for types that only the channel may publish.
    pub fn find<'a>(name: &str, declared: impl IntoIterator<Item = &'a KindSpec>) -> Option<Self> {
        if CONTROL.contains(&name) {
            return None;
        }
        let fits = declared.into_iter().filter(|spec| spec.covers(name));
        // A whole name is more exact than a prefix.
        let found = fits.max_by_key(|spec| spec.name.len());
        Some(match found {
            Some(spec) => Self::of(spec.topic, spec.form, name),
            None => Self::of(Topic::APP, EventForm::Any, name),
        })
    }

    /// A kind whose topic is known: one of an engine or of the channel.
    pub(super) fn of(topic: Topic, form: EventForm, name: &str) -> Self {
        let mut head = Self::HEAD.to_vec();
        json::write_string(&mut head, name);
        Self { topic, form, head }
    }

    /// The topic of its events.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        self.topic
    }

    /// The form that its events must have.
    #[must_use]
    pub const fn form(&self) -> EventForm {
        self.form
    }

    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }
}

/// The form that a kind of event must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventForm {
    /// `{"type"}` alone.
    Bare,
    /// A string `payload`.
    Payload,
    /// An object `data` and a `timestamp`.
    Data,
    /// Any of the three: the application's own events.
    Any,
}

/// An engine's declaration of one kind of event, or of all kinds that begin alike.
#[derive(Clone, Copy, Debug)]
pub struct KindSpec {
    /// The whole `type`, or, if it ends with a colon, how all types of this row begin: `file:`.
    pub name: &'static str,
    /// The form of these events.
    pub form: EventForm,
    /// The topic that they belong to.
    pub topic: Topic,
}

impl KindSpec {
    fn covers(&self, name: &str) -> bool {
        name == self.name || (self.name.ends_with(':') && name.starts_with(self.name))
    }
}

/// Kinds that only the channel itself may publish. If the application published them, it would deceive its clients.
const CONTROL: [&str; 10] = [
    "hello", "ack", "gap", "resumed", "error", "fault", "ping", "pong", "active", "standby",
];

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: Topic = Topic::engine(0);

    const DECLARED: [KindSpec; 3] = [
        KindSpec {
            name: "clock:",
            form: EventForm::Data,
            topic: TOPIC,
        },
        KindSpec {
            name: "clock:set",
            form: EventForm::Bare,
            topic: Topic::CALLBACK,
        },
        KindSpec {
            name: "alarm",
            form: EventForm::Payload,
            topic: TOPIC,
        },
    ];

    fn found(name: &str) -> Option<(Topic, EventForm)> {
        let kind = Kind::find(name, &DECLARED)?;
        Some((kind.topic(), kind.form()))
    }

    #[test]
    fn an_engine_decides_topic_and_form_of_the_types_that_it_declares() {
        assert_eq!(found("clock:tick"), Some((TOPIC, EventForm::Data)));
        assert_eq!(found("clock:"), Some((TOPIC, EventForm::Data)));
        assert_eq!(found("clock:set"), Some((Topic::CALLBACK, EventForm::Bare)));
        assert_eq!(found("alarm"), Some((TOPIC, EventForm::Payload)));
    }

    #[test]
    fn every_other_type_is_the_applications() {
        for name in [
            "clock",
            "alarms",
            "alarm:x",
            "Clock:tick",
            "my:event",
            "Hello",
        ] {
            assert_eq!(found(name), Some((Topic::APP, EventForm::Any)), "{name}");
        }
    }

    #[test]
    fn nobody_but_the_channel_publishes_its_own_types() {
        for name in CONTROL {
            assert_eq!(found(name), None, "{name}");
        }
    }
}
