//! An operation: something that git does for somebody, until it is done, has failed, or is cancelled.

use std::sync::Arc;

use loopwire_channel::CommandError;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How far an operation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// From 0 to 100. It never falls.
    pub percent: u8,
    /// A sentence for people, as git says it.
    pub status: String,
    /// What git is doing.
    pub phase: Phase,
    /// How many objects or files are done in this phase.
    pub received: Option<u64>,
    /// How many there are in this phase.
    pub total: Option<u64>,
    /// How many bytes were transferred in this phase.
    pub bytes: Option<u64>,
    /// How fast they are transferred.
    pub bytes_per_second: Option<u64>,
}

/// What git is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It prepares, connects, or waits for credentials.
    Starting,
    /// The sender counts its objects.
    Counting,
    /// The sender compresses them.
    Compressing,
    /// Objects are received.
    Receiving,
    /// Objects are sent.
    Writing,
    /// The receiver computes objects from differences.
    Resolving,
    /// Files are written into the work tree.
    Updating,
    /// It is done.
    Done,
}

/// What an operation has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitDone {
    /// The commit that is checked out, was fetched, or was pushed. `None` if there is none: an empty repository.
    pub commit: Option<String>,
}

/// Why an operation was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    Closed,
}

impl Stop {
    /// What the operation ends with.
    pub(super) fn refusal(self) -> CommandError {
        let sentence = match self {
            Self::Cancelled => "the operation was cancelled",
            Self::Closed => "the application has closed the workspace",
        };
        CommandError::new("CANCELLED", sentence)
    }
}

/// An operation that the application has started. Dropping it does not end the operation. Clones
/// read its progress independently.
#[derive(Clone, Debug)]
pub struct Operation {
    shared: Arc<OperationState>,
    progress: watch::Receiver<Option<Progress>>,
}

/// What an operation shares with those who wait for it.
#[derive(Debug)]
pub(super) struct OperationState {
    pub(super) id: Value,
    /// The latest progress. The operation's task lets go of the sender's place when it has ended.
    pub(super) progress: watch::Sender<Option<Progress>>,
    pub(super) end: watch::Sender<Option<Result<GitDone, CommandError>>>,
    pub(super) stop: watch::Sender<Option<Stop>>,
    /// Nothing more is reported.
    pub(super) ended: CancellationToken,
}

impl OperationState {
    pub(super) fn new(id: Value) -> Self {
        Self {
            id,
            progress: watch::Sender::new(None),
            end: watch::Sender::new(None),
            stop: watch::Sender::new(None),
            ended: CancellationToken::new(),
        }
    }

    /// Tells the operation to end. The first reason counts.
    pub(super) fn stop(&self, why: Stop) {
        self.stop.send_if_modified(|stop| {
            let first = stop.is_none();
            *stop = stop.or(Some(why));
            first
        });
    }

    /// Waits until it is told to end.
    pub(super) async fn stopped(&self) -> Stop {
        let mut stop = self.stop.subscribe();
        loop {
            if let Some(why) = *stop.borrow_and_update() {
                return why;
            }
            // The sender is in `self`.
            let _ = stop.changed().await;
        }
    }

    /// Why it has failed. What it was told before counts: how git fails then is a consequence, or of no interest any more.
    pub(super) fn failed(&self, why: CommandError) -> CommandError {
        match *self.stop.borrow() {
            Some(stop) if why.code != "TIMED_OUT" => stop.refusal(),
            _ => why,
        }
    }

    /// Tells its end to those who wait for it.
    pub(super) fn finish(&self, end: Result<GitDone, CommandError>) {
        self.end.send_if_modified(|told| {
            let first = told.is_none();
            if first {
                *told = Some(end);
            }
            first
        });
        self.ended.cancel();
    }
}

impl Operation {
    pub(super) fn new(shared: Arc<OperationState>) -> Self {
        let mut progress = shared.progress.subscribe();
        // What was there before counts as new.
        progress.mark_changed();
        Self { shared, progress }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &Value {
        &self.shared.id
    }

    /// The next progress. What came in between is left out: the latest one counts. `None` after the last one.
    pub async fn progress(&mut self) -> Option<Progress> {
        loop {
            let over = self.shared.ended.is_cancelled();
            if self.progress.has_changed().unwrap_or(false) {
                let latest = self.progress.borrow_and_update().clone();
                if latest.is_some() {
                    return latest;
                }
                continue;
            }
            if over {
                return None;
            }
            tokio::select! {
                _ = self.progress.changed() => self.progress.mark_changed(),
                () = self.shared.ended.cancelled() => {}
            }
        }
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// As in `git:error`.
    pub async fn done(&self) -> Result<GitDone, CommandError> {
        let mut end = self.shared.end.subscribe();
        loop {
            if let Some(end) = end.borrow_and_update().clone() {
                return end;
            }
            // The sender is in `self`.
            let _ = end.changed().await;
        }
    }

    /// Ends it: git and everything that it has started. [`Operation::done`] then says `CANCELLED`, unless it was done
    /// before.
    pub fn cancel(&self) {
        self.shared.stop(Stop::Cancelled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_after_the_order_to_end_is_told_as_that_order() {
        let failure = |code: &'static str| CommandError::new(code, "git was ended by SIGTERM");
        let state = OperationState::new(Value::from(1));
        assert_eq!(state.failed(failure("GIT_FAILED")).code, "GIT_FAILED");
        state.stop(Stop::Closed);
        state.stop(Stop::Cancelled);
        let told = state.failed(failure("GIT_FAILED"));
        assert_eq!(told.code, "CANCELLED");
        assert_eq!(told.message, "the application has closed the workspace");
        // The time was over before.
        assert_eq!(state.failed(failure("TIMED_OUT")).code, "TIMED_OUT");
    }
}
