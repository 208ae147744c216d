//! What the clock brings to the channel: its command, its topic, its kind of event.

use loopwire_channel::{Audience, EngineSpec, EventForm, KindSpec, Topic};

/// The topic of its events.
pub(crate) const TOPIC: Topic = Topic::engine(3);

/// What every clock brings.
pub const SPEC: EngineSpec = EngineSpec {
    commands: &["clock:"],
    topics: &[(TOPIC, Audience::Sandbox)],
    events: &[KindSpec {
        name: "clock:tick",
        form: EventForm::Data,
        topic: TOPIC,
    }],
};
