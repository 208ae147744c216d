//! What could not be restored.

use std::io;

use loopwire_channel::{Cause, CommandError};

use crate::snapshot::shapes::Reason;
use crate::snapshot::system::{Refused, Why};

/// How many are named in the error.
const MAX_NAMED: usize = 10;

/// The most that are remembered. The rest is counted.
const MAX_KEPT: usize = 1000;

/// What could not be restored.
#[derive(Debug, Default)]
pub(super) struct Problems {
    count: u64,
    first: Vec<(Vec<u8>, Reason, Option<Refused>)>,
}

impl Problems {
    pub(super) fn add(&mut self, path: Vec<u8>, reason: Reason, error: Option<Refused>) {
        self.count += 1;
        if self.first.len() < MAX_KEPT {
            self.first.push((path, reason, error));
        }
    }

    /// The error, if there is any.
    pub(super) fn check(&self, safety_commit: &str) -> Result<(), CommandError> {
        if self.count == 0 {
            return Ok(());
        }
        let named: Vec<_> = self.first.iter().take(MAX_NAMED).map(describe).collect();
        let more = match self.count > named.len() as u64 {
            true => format!(", and {} more", self.count - named.len() as u64),
            false => String::new(),
        };
        let incomplete = CommandError::new(
            "RESTORE_INCOMPLETE",
            format!(
                "{} could not be restored, everything else was: {}{more}; the files as they were before are in the \
                 snapshot {safety_commit}",
                self.count,
                named.join(", ")
            ),
        );
        // One error, not one for each: the message has the list. Programs get the first of them.
        Err(match self.first.first() {
            Some((path, _, error)) => {
                let said = error.map(|error| Cause::of(&io::Error::from(error)));
                let incomplete = match said {
                    Some(cause) => incomplete.because(cause),
                    None => incomplete,
                };
                incomplete.at(String::from_utf8_lossy(path))
            }
            None => incomplete,
        })
    }
}

fn describe((path, reason, error): &(Vec<u8>, Reason, Option<Refused>)) -> String {
    let path = String::from_utf8_lossy(path);
    let why = match (reason, error) {
        (Reason::Changed, _) => "was changed meanwhile, and was left as it is".to_owned(),
        (Reason::InTheWay, _) => {
            "there is something in its place that no snapshot holds, which was left as it is"
                .to_owned()
        }
        (_, Some(error)) => refused(*error),
        (reason, None) => reason.name().to_owned(),
    };
    format!("{path} ({why})")
}

fn refused(error: Refused) -> String {
    match error.why {
        Why::Full => "no space left".to_owned(),
        Why::InUse => "another program has it open and does not let others use it".to_owned(),
        Why::Name => {
            "the system has no file of this name, or reads it as another one".to_owned()
        }
        Why::NoLinks => {
            "it is a link, and the system lets nobody make one but administrators and who is in developer mode"
                .to_owned()
        }
        _ => format!("the system refuses: {}", error.kind()),
    }
}
