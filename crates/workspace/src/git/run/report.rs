//! Tells of an operation by events: its progress, not too often, and its one end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use loopwire_channel::{CommandError, Event, Journal};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

use super::super::operation::{GitDone, OperationState, Progress};
use super::job::Job;
use crate::spec::WORKSPACE;

/// The shortest time between two events of progress of one operation. Nobody sees more than ten steps a second.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The data of `git:progress`.
#[derive(Serialize)]
struct ProgressData<'a> {
    #[serde(flatten)]
    progress: &'a Progress,
    id: &'a Value,
}

/// The data of `git:complete`.
#[derive(Serialize)]
struct CompleteData<'a> {
    id: &'a Value,
    commit: Option<&'a str>,
}

/// The data of `git:error`.
#[derive(Serialize)]
struct ErrorData<'a> {
    id: &'a Value,
    code: &'a str,
    message: &'a str,
}

/// Tells of one operation.
pub(super) struct Reporter {
    state: Arc<OperationState>,
    journal: Arc<Journal>,
    latest: watch::Receiver<Option<Progress>>,
    told: Option<Progress>,
}

impl Reporter {
    pub(super) fn new(job: &Job) -> Self {
        Self {
            state: Arc::clone(&job.state),
            journal: Arc::clone(&job.journal),
            latest: job.state.progress.subscribe(),
            told: None,
        }
    }

    /// Tells of progress. What comes in between is left out.
    pub(super) async fn run(&mut self) -> Infallible {
        loop {
            self.last().await;
            tokio::time::sleep(PROGRESS_INTERVAL).await;
            while self.latest.borrow().as_ref() == self.told.as_ref() {
                // The sender is in the state.
                let _ = self.latest.changed().await;
            }
        }
    }

    /// Tells of the latest progress, unless that was told.
    pub(super) async fn last(&mut self) {
        let latest = self.latest.borrow_and_update().clone();
        if latest == self.told {
            return;
        }
        if let Some(progress) = &latest {
            let id = &self.state.id;
            let data = ProgressData { progress, id };
            self.publish("git:progress", &data).await;
        }
        // Told only now: if this was given up while it waited, it is told later.
        self.told = latest;
    }

    /// Tells how it has ended.
    pub(super) async fn end(&self, end: &Result<GitDone, CommandError>) {
        let id = &self.state.id;
        match end {
            Ok(done) => {
                let commit = done.commit.as_deref();
                self.publish("git:complete", &CompleteData { id, commit })
                    .await;
            }
            Err(CommandError { code, message, .. }) => {
                let data = ErrorData { id, code, message };
                self.publish("git:error", &data).await;
            }
        }
    }

    async fn publish(&self, kind: &str, data: &impl Serialize) {
        if let Ok(event) = Event::data(WORKSPACE, kind, data, SystemTime::now()) {
            let _ = self.journal.publish(&event).await;
        }
    }
}
