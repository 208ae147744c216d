//! The commands whose names begin with `file:`.

use std::sync::Arc;

use futures_util::FutureExt as _;
use loopwire_channel::{Command, Reply, fault};

use super::error::closed;
use super::files::Files;
use super::request::{ReadRequest, WriteRequest};
use super::transfers::Permit;

impl Files {
    /// Carries out `file:read` or `file:write`.
    pub fn command(&self, command: Command) {
        match command.name() {
            "file:read" => {
                if let Some((request, reply)) = command.read(ReadRequest::EXPECTED) {
                    self.begin(reply, |files, reply, permit| {
                        files.send(request, reply, permit)
                    });
                }
            }
            "file:write" => {
                if let Some((request, reply)) = command.read(WriteRequest::EXPECTED) {
                    self.begin(reply, |files, reply, permit| {
                        files.receive(request, reply, permit)
                    });
                }
            }
            _ => command.unknown(),
        }
    }

    /// Runs a command's work in a task of its own. Closing the workspace waits for the task.
    fn begin<F>(&self, reply: Reply, work: impl FnOnce(Self, Reply, Permit) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if self.0.stop.is_cancelled() {
            let refusal = closed();
            return reply.refuse(&refusal.code, &refusal.message);
        }
        let permit = match self.0.transfers.admit(reply.peer()) {
            Ok(permit) => permit,
            Err(refusal) => return reply.refuse(&refusal.code, &refusal.message),
        };
        let journal = Arc::clone(&self.0.journal);
        let work = work(self.clone(), reply, permit).boxed();
        let work = async move {
            // On a panic the fault is published, and the dropped reply answers INTERNAL.
            let _ = fault::supervise(&journal, "command:file", work).await;
        };
        // Without a runtime everything is closed, and the dropped reply says so.
        if let Some(handle) = self.0.executor.handle() {
            self.0.tasks.spawn_on(work, &handle);
        }
    }
}
