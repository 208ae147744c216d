//! Kinds of events: what a `type` on the wire promises about topic and form (PROTOCOL section 2).

use super::json;
use super::topic::Topic;

/// A `type`, ready to be written: looked at once, published any number of times.
#[derive(Clone, Debug)]
pub struct Kind {
    topic: Topic,
    form: Form,
    /// `{"type":"…"`
    head: Vec<u8>,
}

impl Kind {
    /// The kind of the events of that `type`; nothing for those that only the channel says.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let (topic, form) = classify(name)?;
        Some(Self::of(topic, form, name))
    }

    /// A kind of an engine's or of the channel's own, whose topic it knows.
    pub(super) fn of(topic: Topic, form: Form, name: &str) -> Self {
        let mut head = br#"{"type":"#.to_vec();
        json::write_string(&mut head, name);
        Self { topic, form, head }
    }

    /// The family its events belong to.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        self.topic
    }

    /// The form they must have.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }
}

/// The form that a kind of event must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `{"type"}` alone.
    Bare,
    /// A string `payload`.
    Payload,
    /// An object `data` and a `timestamp`.
    Data,
    /// Any of the three: the application's own events.
    Any,
}

/// Kinds that only the channel itself may say. An application that could would deceive its clients.
const CONTROL: [&str; 9] = [
    "hello", "gap", "resumed", "error", "fault", "ping", "pong", "active", "standby",
];

/// The forward engine's eight events (seed 000), and which of them has no payload.
const FORWARD: [(&str, Form); 8] = [
    ("restoreDone", Form::Bare),
    ("settingPortChange", Form::Payload),
    ("forwardListCompleted", Form::Payload),
    ("proxyError", Form::Payload),
    ("portStateUpdate", Form::Payload),
    ("portRemoved", Form::Payload),
    ("log", Form::Payload),
    ("httpError", Form::Payload),
];

/// What a connection hears of its own streams, in their place there; as events they are the callbacks' alone.
const CALLBACK: [&str; 2] = ["terminal:started", "terminal:exit"];

/// The topic and the form of the events of that `type`; nothing for those that only the channel says.
fn classify(kind: &str) -> Option<(Topic, Form)> {
    if CONTROL.contains(&kind) {
        return None;
    }
    if let Some((_, form)) = FORWARD.iter().find(|(name, _)| *name == kind) {
        return Some((Topic::Forward, *form));
    }
    if CALLBACK.contains(&kind) {
        return Some((Topic::Callback, Form::Data));
    }
    Some(match kind.split_once(':').map(|(prefix, _)| prefix) {
        Some("file") => (Topic::File, Form::Data),
        Some("terminal" | "git" | "snapshot") => (Topic::Workspace, Form::Data),
        _ => (Topic::App, Form::Any),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_decides_topic_and_form() {
        assert_eq!(classify("hello"), None);
        assert_eq!(classify("restoreDone"), Some((Topic::Forward, Form::Bare)));
        assert_eq!(classify("log"), Some((Topic::Forward, Form::Payload)));
        assert_eq!(classify("file:changed"), Some((Topic::File, Form::Data)));
        assert_eq!(
            classify("git:progress"),
            Some((Topic::Workspace, Form::Data))
        );
        assert_eq!(
            classify("terminal:exit"),
            Some((Topic::Callback, Form::Data))
        );
        assert_eq!(classify("my:event"), Some((Topic::App, Form::Any)));
        assert_eq!(classify("Hello"), Some((Topic::App, Form::Any)));
    }
}
