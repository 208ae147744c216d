//! A reply: the one answer to a command, sent now or later, and only to the connection that sent the command.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::cause::{Cause, CauseObject};
use super::in_flight::Permit;
use super::tasks::TaskScope;
use crate::connection::Peer;
use crate::wire::message;

/// The code of a command that failed because of an internal failure.
const INTERNAL: &str = "INTERNAL";

/// Why a command was not carried out: a stable code, and a message for people without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    /// For programs: `NOT_FORWARDED`.
    pub code: Cow<'static, str>,
    /// For people.
    pub message: String,
    /// What the system said. Only the application gets it.
    pub cause: Option<Box<Cause>>,
    /// The path that it is about, if that is not clear from what was asked for. Only the application gets it.
    pub path: Option<Box<str>>,
}

impl CommandError {
    /// An error with this code and message.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            cause: None,
            path: None,
        }
    }

    /// With what the system said.
    #[must_use]
    pub fn because(mut self, cause: Cause) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// With what was done, if the system said something and it is not known yet.
    #[must_use]
    pub fn during(mut self, syscall: &'static str) -> Self {
        if let Some(cause) = &mut self.cause {
            cause.syscall.get_or_insert(syscall);
        }
        self
    }

    /// With the path that it is about, if none is known yet. What the system said was said of it, too.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        let path = path.into();
        if let Some(cause) = &mut self.cause {
            let object = || CauseObject::Path(path.clone());
            cause.object.get_or_insert_with(object);
        }
        self.path.get_or_insert_with(|| path.into());
        self
    }

    /// With other words for the same.
    #[must_use]
    pub fn reworded(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }
}

/// Answers one command, in any thread and at any time. If it is dropped without an answer (mostly because a task
/// panicked), it answers `INTERNAL`, so that a client never waits forever. If the connection has ended, the answer is
/// dropped.
pub struct Reply {
    peer: Peer,
    tasks: Arc<TaskScope>,
    name: String,
    id: Option<Value>,
    /// Counts the command as in flight; dropped with the answer.
    permit: Option<Permit>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Reply {
    pub(super) const fn new(
        peer: Peer,
        tasks: Arc<TaskScope>,
        name: String,
        id: Option<Value>,
        permit: Permit,
    ) -> Self {
        Self {
            peer,
            tasks,
            name,
            id,
            permit: Some(permit),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The connection that sent the command.
    #[must_use]
    pub const fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The client's id, if there is one.
    #[must_use]
    pub const fn id(&self) -> Option<&Value> {
        self.id.as_ref()
    }

    /// Sets the id, where the engine chose it.
    #[must_use]
    pub fn with_id(mut self, id: Value) -> Self {
        self.id = Some(id);
        self
    }

    /// Answers with `data`, which must be an object without a key `id`: the client's id is added as the last key.
    pub fn send(self, data: &impl Serialize) {
        let name = self.name.clone();
        self.send_as(&name, data);
    }

    /// Like [`Reply::send`], with another name than the command's: `terminal:started`.
    pub fn send_as(mut self, kind: &str, data: &impl Serialize) {
        match message::reply(kind, data, self.id.as_ref()) {
            Ok(text) => self.say(&text),
            Err(_) => self.fail(INTERNAL, "the answer is not a JSON object"),
        }
    }

    /// Sends a message before the answer, with the client's id: `file:opened`. `data` is as in [`Reply::send`].
    pub fn before(&self, kind: &str, data: &impl Serialize) {
        if let Ok(text) = message::reply(kind, data, self.id.as_ref()) {
            self.peer.say(&text);
        }
    }

    /// The text that [`Reply::send_as`] would send, for a frame source that writes it in order with its stream.
    #[must_use]
    pub fn text(mut self, kind: &str, data: &impl Serialize) -> String {
        self.permit = None;
        message::reply(kind, data, self.id.as_ref()).unwrap_or_else(|_| {
            let sentence = "the answer is not a JSON object";
            message::error(INTERNAL, sentence, self.id.as_ref(), Some(&self.name))
        })
    }

    /// The command waits for its client from now on: for more of its input, or until it has read its output. It is no
    /// longer one of the commands at which the connection is not read any more, since it would wait for what is held
    /// back because of it. The engine bounds such commands itself, and refuses those that are too many.
    pub fn release_reader(&self) {
        if let Some(permit) = &self.permit {
            permit.release_reader();
        }
    }

    /// Sends no answer: the command was carried out, and later messages tell its result.
    pub fn done(mut self) {
        self.permit = None;
    }

    /// Answers that the command was not carried out.
    pub fn refuse(mut self, code: &str, message: &str) {
        self.fail(code, message);
    }

    /// Answers with the result of `work`, which runs in a task. A panic in it becomes a `fault` event and the answer
    /// `INTERNAL`. The task is dropped when the listener closes, because the connection ends: work that must be
    /// completed belongs in a task of the engine.
    pub fn later<T, F>(self, work: F)
    where
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T, CommandError>> + Send + 'static,
    {
        let tasks = Arc::clone(&self.tasks);
        tasks.run(async move {
            let component = TaskScope::component(&self.name);
            match self.tasks.supervise(&component, work).await {
                Some(Ok(data)) => self.send(&data),
                Some(Err(refusal)) => self.refuse(&refusal.code, &refusal.message),
                None => drop(self),
            }
        });
    }

    fn fail(&mut self, code: &str, sentence: &str) {
        let text = message::error(code, sentence, self.id.as_ref(), Some(&self.name));
        self.say(&text);
    }

    fn say(&mut self, text: &str) {
        // Before the answer: a client that has the answer may use the id again at once.
        self.permit = None;
        self.peer.say(text);
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if self.permit.is_some() {
            self.fail(INTERNAL, "the command ended without an answer");
        }
    }
}
