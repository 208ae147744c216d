//! The engines of a runtime: which there are, and what they bring to the channel.

use std::sync::Arc;

use loopwire_channel::{Engine as ChannelEngine, EngineSpec, Kind};
use loopwire_forward::{Engine as Forward, NotStarted};
use loopwire_workspace::{Closed, Workspace};

use crate::late::Late;

/// What the engines bring. A new engine has its line here.
const SPECS: [&EngineSpec; 2] = [&loopwire_forward::SPEC, &loopwire_workspace::SPEC];

const _: () = assert!(distinct(), "two engines use the same topic");

/// Whether no topic is declared twice.
const fn distinct() -> bool {
    let mut seen = 0;
    let mut at = 0;
    while at < SPECS.len() {
        let topics = SPECS[at].topics;
        let mut next = 0;
        while next < topics.len() {
            let bit = topics[next].0.bit();
            if seen & bit != 0 {
                return false;
            }
            seen |= bit;
            next += 1;
        }
        at += 1;
    }
    true
}

/// The engines of one runtime, started or not. A new engine has its field here.
#[derive(Clone, Default)]
pub(crate) struct Engines {
    pub(crate) forward: Arc<Late<Forward, NotStarted>>,
    pub(crate) workspace: Arc<Late<Workspace, Closed>>,
}

impl Engines {
    /// All of them, as listeners know them.
    pub(crate) fn all(&self) -> Vec<Arc<dyn ChannelEngine>> {
        vec![
            Arc::clone(&self.forward) as _,
            Arc::clone(&self.workspace) as _,
        ]
    }
}

/// The kind of the events of that `type`, which the application wants to publish; nothing for types that only the
/// channel may publish.
#[must_use]
pub fn event_kind(name: &str) -> Option<Kind> {
    Kind::find(name, SPECS.iter().flat_map(|spec| spec.events))
}

#[cfg(test)]
mod tests {
    use loopwire_channel::{EventForm, Topic};

    use super::*;

    /// The topic's bit, or 0 for the application's, and the form.
    fn kind(name: &str) -> Option<(bool, EventForm)> {
        let kind = event_kind(name)?;
        Some((kind.topic() == Topic::APP, kind.form()))
    }

    #[test]
    fn the_types_of_the_engines_have_their_forms_and_all_others_are_the_applications() {
        assert_eq!(kind("restoreDone"), Some((false, EventForm::Bare)));
        assert_eq!(kind("log"), Some((false, EventForm::Payload)));
        assert_eq!(kind("file:changed"), Some((false, EventForm::Data)));
        assert_eq!(kind("git:progress"), Some((false, EventForm::Data)));
        assert_eq!(kind("terminal:exit"), Some((false, EventForm::Data)));
        assert_eq!(kind("my:event"), Some((true, EventForm::Any)));
        assert_eq!(kind("hello"), None);
    }

    #[test]
    fn the_exit_of_a_terminal_is_for_callbacks_alone() {
        let topic = |name| event_kind(name).map(|kind| kind.topic());
        assert_eq!(topic("terminal:exit"), Some(Topic::CALLBACK));
        assert_ne!(topic("terminal:other"), Some(Topic::CALLBACK));
    }
}
