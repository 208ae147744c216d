//! What the workspace brings to the channel: its commands, its topics, its kinds of events.

use loopwire_channel::{Audience, EngineSpec, EventForm, KindSpec, Mutable, Topic};

/// Terminals, git and snapshots.
pub(crate) const WORKSPACE: Topic = Topic::engine(1);

/// Changes of files. A topic of their own, because connections can mute them.
pub(crate) const FILE: Topic = Topic::engine(2);

/// Changes of files that a connection hears of only if it has asked for a watch that matches them.
pub(crate) const FILE_ASKED: Topic = Topic::engine(3);

/// What every workspace brings.
pub const SPEC: EngineSpec = EngineSpec {
    commands: &["terminal:", "file:", "git:", "snapshot:"],
    topics: &[
        (WORKSPACE, Audience::Sandbox),
        (FILE, Audience::Sandbox),
        (FILE_ASKED, Audience::Asked),
    ],
    events: &[
        // A connection hears of its own terminals in their streams. As events these two are for callbacks alone.
        event("terminal:started", Topic::CALLBACK),
        event("terminal:exit", Topic::CALLBACK),
        event("terminal:", WORKSPACE),
        event("git:", WORKSPACE),
        event("snapshot:", WORKSPACE),
        event("file:", FILE),
    ],
    mutable: &[Mutable {
        kind: "file:changed",
        summary: "file:summary",
    }],
};

/// Every event of a workspace has an object and a timestamp.
const fn event(name: &'static str, topic: Topic) -> KindSpec {
    KindSpec {
        name,
        form: EventForm::Data,
        topic,
    }
}
