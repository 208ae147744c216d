//! What the engine brings to the channel: its commands, its topic, its kinds of events.

use loopwire_channel::{Audience, EngineSpec, EventForm, KindSpec};

use crate::model::events::TOPIC;

/// What every forward engine brings.
pub const SPEC: EngineSpec = EngineSpec {
    commands: &["port:"],
    topics: &[(TOPIC, Audience::Sdk)],
    // The eight events of the SDK's page.
    events: &[
        event("restoreDone", EventForm::Bare),
        event("settingPortChange", EventForm::Payload),
        event("forwardListCompleted", EventForm::Payload),
        event("proxyError", EventForm::Payload),
        event("portStateUpdate", EventForm::Payload),
        event("portRemoved", EventForm::Payload),
        event("log", EventForm::Payload),
        event("httpError", EventForm::Payload),
    ],
    mutable: &[],
};

const fn event(name: &'static str, form: EventForm) -> KindSpec {
    KindSpec {
        name,
        form,
        topic: TOPIC,
    }
}
