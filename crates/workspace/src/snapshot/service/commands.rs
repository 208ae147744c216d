//! The commands whose names begin with `snapshot:`.
//!
//! Each has exactly one end. A snapshot that was taken or restored is an event, for everybody; a connection that does not get
//! the events of the workspace gets the same as a reply. A failure is an `error` reply, and no event: it changed nothing that
//! others would have to know, and its text may name files.

use std::num::NonZeroUsize;
use std::sync::Arc;

use futures_util::FutureExt as _;
use loopwire_channel::{Command, CommandError, Reply, fault};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::events::{CreatedEvent, RestoredEvent};
use super::request::{CreateRequest, DiffRequest, ListRequest, OneRequest};
use crate::snapshot::error::closed;
use crate::snapshot::run::SnapshotRun;
use crate::snapshot::snapshots::Snapshots;
use crate::spec::WORKSPACE;

impl Snapshots {
    /// Carries out a command.
    pub fn command(&self, command: Command) {
        match command.name() {
            "snapshot:create" => self.begin(command, CreateRequest::EXPECTED, Self::create_for),
            "snapshot:restore" => self.begin(command, OneRequest::EXPECTED, Self::restore_for),
            "snapshot:list" => self.begin(command, ListRequest::EXPECTED, Self::list_for),
            "snapshot:diff" => self.begin(command, DiffRequest::EXPECTED, Self::diff_for),
            "snapshot:delete" => self.begin(command, OneRequest::EXPECTED, Self::delete_for),
            _ => command.unknown(),
        }
    }

    /// Runs a command's work in a task of its own, which goes on when the client leaves. Closing the workspace waits for it.
    fn begin<R, F>(&self, command: Command, expected: &str, work: impl FnOnce(Self, R, Reply) -> F)
    where
        R: DeserializeOwned,
        F: Future<Output = ()> + Send + 'static,
    {
        let Some((request, reply)) = command.read(expected) else {
            return;
        };
        if self.0.stop.is_cancelled() {
            let refusal = closed();
            return reply.refuse(&refusal.code, &refusal.message);
        }
        let journal = Arc::clone(&self.0.journal);
        let work = work(self.clone(), request, reply).boxed();
        let work = async move {
            // On a panic the fault is published, and the dropped reply answers INTERNAL.
            let _ = fault::supervise(&journal, "command:snapshot", work).await;
        };
        // Without a runtime everything is closed, and the dropped reply says so.
        if let Some(handle) = self.0.executor.handle() {
            self.0.tasks.spawn_on(work, &handle);
        }
    }

    async fn create_for(self, request: CreateRequest, reply: Reply) {
        let order = request.order(reply.id().cloned());
        match self.create_quietly(&order, &SnapshotRun::default()).await {
            Ok((created, removed)) => {
                let event = CreatedEvent::new(&created, removed);
                self.end(reply, "snapshot:created", &event).await;
            }
            Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
        }
    }

    async fn restore_for(self, request: OneRequest, reply: Reply) {
        let id = reply.id().cloned();
        let run = SnapshotRun::default();
        match self
            .restore_quietly(&request.commit_hash, id.as_ref(), &run)
            .await
        {
            Ok(restored) => {
                let event = RestoredEvent::new(&restored);
                self.end(reply, "snapshot:restored", &event).await;
            }
            Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
        }
    }

    async fn list_for(self, request: ListRequest, reply: Reply) {
        let listed = self.list(request.limit.map(NonZeroUsize::get)).await;
        answer(
            reply,
            listed.map(|snapshots| json!({"snapshots": snapshots})),
        );
    }

    async fn diff_for(self, request: DiffRequest, reply: Reply) {
        let DiffRequest { from, to, limit } = request;
        let limit = limit.map(NonZeroUsize::get);
        answer(reply, self.diff(&from, to.as_deref(), limit).await);
    }

    async fn delete_for(self, request: OneRequest, reply: Reply) {
        let deleted = self.delete(&request.commit_hash).await;
        answer(
            reply,
            deleted.map(|()| json!({"commitHash": request.commit_hash})),
        );
    }

    /// Tells everybody that it was done.
    async fn end(&self, reply: Reply, kind: &str, data: &impl Serialize) {
        self.publish(kind, data, reply.id()).await;
        match reply.peer().sees(WORKSPACE) {
            true => reply.done(),
            false => reply.send_as(kind, data),
        }
    }
}

fn answer(reply: Reply, outcome: Result<impl Serialize, CommandError>) {
    match outcome {
        Ok(data) => reply.send(&data),
        Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
    }
}
