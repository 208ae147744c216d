//! The operations that run, by their ids.

use std::collections::HashMap;
use std::sync::Arc;

use loopwire_channel::CommandError;
use serde_json::Value;

use super::operation::{OperationState, Stop};

/// The largest number of operations at a time, those that wait for their turn included. Each may use all of a network
/// and of a processor; a client that updates all repositories of a workspace may ask for several at once.
pub(super) const MAX_OPERATIONS: usize = 16;

/// How many operations may have ended while the application's callback has not taken that yet: the callback may be busy,
/// and what waits for it must be bounded.
const MAX_UNANNOUNCED: usize = 256;

/// The operations that run.
#[derive(Default)]
pub(super) struct Register {
    running: HashMap<String, Arc<OperationState>>,
    /// Those whose end is not published yet, running ones included.
    unannounced: usize,
    next_id: u64,
    closing: bool,
}

impl Register {
    /// Adds an operation.
    pub(super) fn add(&mut self, id: Option<Value>) -> Result<Arc<OperationState>, CommandError> {
        if self.closing {
            return Err(closed());
        }
        let id = match id {
            Some(id) if self.running.contains_key(&id.to_string()) => {
                let sentence = "a git operation with this id is running; choose another id";
                return Err(CommandError::new("ID_IN_USE", sentence));
            }
            Some(id) => id,
            None => loop {
                self.next_id += 1;
                let id = Value::from(format!("git-{}", self.next_id));
                if !self.running.contains_key(&id.to_string()) {
                    break id;
                }
            },
        };
        let refused = |message| Err(CommandError::new("TOO_MANY_OPERATIONS", message));
        if self.running.len() >= MAX_OPERATIONS {
            return refused(format!(
                "{MAX_OPERATIONS} git operations are running already; wait for one to end"
            ));
        }
        if self.unannounced >= MAX_OPERATIONS + MAX_UNANNOUNCED {
            return refused(
                "the application has not taken the ends of many git operations yet; try again later"
                    .to_owned(),
            );
        }
        let state = Arc::new(OperationState::new(id));
        self.running
            .insert(state.id.to_string(), Arc::clone(&state));
        self.unannounced += 1;
        Ok(state)
    }

    /// The operation with that id, if it runs.
    pub(super) fn get(&self, id: &Value) -> Option<&Arc<OperationState>> {
        self.running.get(&id.to_string())
    }

    /// Its id is free again.
    pub(super) fn remove(&mut self, state: &OperationState) {
        self.running.remove(&state.id.to_string());
    }

    /// Its end has been published.
    pub(super) fn announced(&mut self) {
        self.unannounced -= 1;
    }

    /// How many run.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// Accepts no more.
    pub(super) fn close(&mut self) {
        self.closing = true;
    }

    /// Tells all to end.
    pub(super) fn stop(&self) {
        for state in self.running.values() {
            state.stop(Stop::Closed);
        }
    }
}

/// The refusal of a workspace that is closed.
pub(super) fn closed() -> CommandError {
    CommandError::new("NO_WORKSPACE", "the application has closed the workspace")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn operations_that_run_and_ends_that_nobody_takes_are_bounded() {
        let mut register = Register::default();
        let running: Vec<_> = (0..MAX_OPERATIONS)
            .map(|_| register.add(None).unwrap())
            .collect();
        let refused = register.add(None).unwrap_err();
        assert_eq!(refused.code, "TOO_MANY_OPERATIONS");
        assert!(refused.message.contains("running already"));
        running.iter().for_each(|one| register.remove(one));
        for _ in 0..MAX_UNANNOUNCED {
            let state = register.add(None).unwrap();
            register.remove(&state);
        }
        let refused = register.add(None).unwrap_err();
        assert_eq!(refused.code, "TOO_MANY_OPERATIONS");
        assert!(refused.message.contains("has not taken"));
        register.announced();
        assert!(register.add(None).is_ok());
    }
}
