//! The data of the commands `file:watch` and `file:unwatch`, and the same from the application.

use loopwire_channel::CommandError;
use serde::Deserialize;

use crate::root::Root;

use super::pattern::Selection;
use super::wanted::{Kinds, Wanted};

/// What somebody asks to watch.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct WatchRequest {
    /// Paths and globs.
    pub paths: Vec<String>,
    /// The kinds of changes; all without it.
    pub events: Option<Vec<String>>,
    /// What is left out.
    pub ignore: Option<Ignored>,
    /// Whether a client is told which of its watches a change is for.
    #[serde(default)]
    pub tagged: bool,
}

/// What a watch leaves out.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Ignored {
    /// `false`: nothing. `true` is like leaving it out.
    Rules(bool),
    /// These, and what is left out without them.
    Further(Vec<String>),
}

impl WatchRequest {
    pub(super) const EXPECTED: &str = concat!(
        r#"{"paths": a list of paths and globs, "events"?: a list of "created", "modified", "deleted" and "renamed", "#,
        r#""ignore"?: a list of names, paths and globs, or false, "tagged"?: a boolean}"#
    );

    /// Checks it. Looks at the text alone.
    pub(super) fn wanted(&self, root: &Root) -> Result<Wanted, CommandError> {
        let kinds = match &self.events {
            None => Some(Kinds::ALL),
            Some(names) => Kinds::read(names),
        };
        let Some(kinds) = kinds else {
            let message = "events must be a list of \"created\", \"modified\", \"deleted\" and \"renamed\", with at least one";
            return Err(CommandError::new("BAD_MESSAGE", message));
        };
        let (rules, ignore) = match &self.ignore {
            None => (true, &[][..]),
            Some(Ignored::Rules(rules)) => (*rules, &[][..]),
            Some(Ignored::Further(further)) => (true, &further[..]),
        };
        let roots = [root.path(), root.given()];
        let selection = Selection::read(&self.paths, ignore, roots)?;
        Ok(Wanted {
            selection,
            kinds,
            rules,
            tag: None,
        })
    }
}

/// The data of a command of which nothing but the id is needed.
#[derive(Deserialize)]
pub(super) struct NoData {}

pub(super) const NO_DATA: &str = r#"{"id": a string or a number}"#;
