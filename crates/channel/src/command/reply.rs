//! A reply: the one answer that a command gets, now or later, for the connection that asked and no other.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::in_flight::Permit;
use super::tasks::TaskScope;
use crate::connection::Peer;
use crate::wire::message;

/// The code of a command that failed for a reason of ours.
const INTERNAL: &str = "INTERNAL";

/// Why a command was not carried out: a code that stays as it is, and a sentence for the person who must act,
/// without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    /// For programs: `NOT_FORWARDED`.
    pub code: Cow<'static, str>,
    /// For people.
    pub message: String,
}

impl CommandError {
    /// A refusal with that code and sentence.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }
}

/// What answers one command, from any thread and at any time. Dropped without an answer (because a task
/// panicked, above all) it says `INTERNAL` itself: a client never waits in vain. Where the connection has gone
/// meanwhile, an answer is nothing.
pub struct Reply {
    peer: Peer,
    tasks: Arc<TaskScope>,
    name: String,
    id: Option<Value>,
    /// Counts the command among those of its connection; given back with the answer.
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

    /// The connection that asked.
    #[must_use]
    pub const fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The client's own id, if it gave one.
    #[must_use]
    pub const fn id(&self) -> Option<&Value> {
        self.id.as_ref()
    }

    /// With the id that the engine chose, where the client gave none.
    #[must_use]
    pub fn with_id(mut self, id: Value) -> Self {
        self.id = Some(id);
        self
    }

    /// Answers with `data`, which has to be an object without a key `id`: that one is the client's and goes in
    /// behind the others.
    pub fn send(self, data: &impl Serialize) {
        let name = self.name.clone();
        self.send_as(&name, data);
    }

    /// As [`Reply::send`], for a reply with a name of its own: `terminal:started`.
    pub fn send_as(mut self, kind: &str, data: &impl Serialize) {
        match message::reply(kind, data, self.id.as_ref()) {
            Ok(text) => self.say(&text),
            Err(_) => self.fail(INTERNAL, "the answer is no JSON object"),
        }
    }

    /// Says something that comes before the answer, under the client's id: `file:opened`. `data` is as that of
    /// [`Reply::send`].
    pub fn before(&self, kind: &str, data: &impl Serialize) {
        if let Ok(text) = message::reply(kind, data, self.id.as_ref()) {
            self.peer.say(&text);
        }
    }

    /// What [`Reply::send_as`] would say, for a tap that says it in its place among the frames of a stream.
    #[must_use]
    pub fn text(mut self, kind: &str, data: &impl Serialize) -> String {
        self.permit = None;
        message::reply(kind, data, self.id.as_ref()).unwrap_or_else(|_| {
            let sentence = "the answer is no JSON object";
            message::error(INTERNAL, sentence, self.id.as_ref(), Some(&self.name))
        })
    }

    /// Says nothing: the command was carried out, and what follows tells it.
    pub fn done(mut self) {
        self.permit = None;
    }

    /// Answers that it was not carried out.
    pub fn refuse(mut self, code: &str, message: &str) {
        self.fail(code, message);
    }

    /// Answers with what `work` comes to, in a task of its own. A panic in there becomes a `fault` event and
    /// the answer `INTERNAL`. The task is given up when the listener closes, because nobody is left to hear its
    /// answer: what has to be brought to its end belongs into a task of the engine's.
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
        // First: who has the answer may use the id again at once.
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
