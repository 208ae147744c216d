//! The questions of one operation: one at a time goes to the starter, and each is asked a bounded number of times.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{CommandError, Peer};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};

use super::super::auth::Secret;
use super::prompt::{Prompt, QuestionKind};
use super::question::{Answer, Given, Question};

/// How often the same thing is asked, as ssh does it: then whoever answers does not know it.
pub(super) const MAX_ATTEMPTS: u32 = 3;

/// The code of an operation without valid credentials.
const AUTH_FAILED: &str = "AUTH_FAILED";

/// The code of an operation whose server is not known.
const HOST_KEY: &str = "HOST_KEY";

/// Who has started an operation, and is asked for its credentials.
#[derive(Clone, Debug)]
pub(crate) enum Starter {
    /// The application, if it answers questions.
    Application(Option<Asker>),
    /// This connection, by `git:credentialsRequired`.
    Client(Peer),
}

/// The application's end of the questions of an operation. Clones share it.
#[derive(Clone, Debug)]
pub struct Asker(Arc<Questions>);

impl Default for Asker {
    fn default() -> Self {
        Self(Arc::new(Questions::new(To::Application)))
    }
}

impl Asker {
    /// The next question. `None` once the operation has ended.
    pub async fn next(&self) -> Option<Question> {
        self.0.next().await
    }

    /// Answers the question that was taken last.
    ///
    /// # Errors
    /// `BAD_MESSAGE` if the answer does not fit: then the question stays open. `GONE` if it is not open any more.
    pub fn answer(&self, answer: Answer) -> Result<(), CommandError> {
        self.0.answer(answer)
    }
}

/// Where questions go.
#[derive(Debug)]
enum To {
    Nobody,
    Client(Peer, Value),
    /// It takes them.
    Application,
}

#[derive(Default)]
struct State {
    pending: Option<Pending>,
    /// The starter has gone.
    gone: bool,
    /// The operation has ended.
    ended: bool,
    /// Why there were no credentials: the first reason.
    failure: Option<CommandError>,
    /// How often each sentence was asked.
    asked: HashMap<String, u32>,
    /// A password that came along with a user name, and where it goes.
    along: Option<(Option<String>, Secret)>,
}

struct Pending {
    question: Question,
    /// Whether the application has taken it.
    taken: bool,
    answered: oneshot::Sender<Given>,
}

/// The questions of one operation.
pub(super) struct Questions {
    to: To,
    state: Mutex<State>,
    /// Held while a question is open.
    turn: tokio::sync::Mutex<()>,
    changed: Notify,
}

impl std::fmt::Debug for Questions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Questions")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

impl Questions {
    fn new(to: To) -> Self {
        Self {
            to,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// The questions of the operation with this id.
    pub(super) fn of(starter: Starter, id: Value) -> Arc<Self> {
        match starter {
            Starter::Application(Some(asker)) => asker.0,
            Starter::Application(None) => Arc::new(Self::new(To::Nobody)),
            Starter::Client(peer) => Arc::new(Self::new(To::Client(peer, id))),
        }
    }

    /// Asks the starter, who may take as long as `limit`. `None` if there is no answer; then the operation knows why.
    pub(super) async fn ask(&self, prompt: &Prompt, limit: Duration) -> Option<Secret> {
        let _turn = self.turn.lock().await;
        let mut given = match self.put(prompt) {
            Ok(Put::Known(secret)) => return Some(secret),
            Ok(Put::Asked(given)) => given,
            Err(failure) => return self.fail(failure),
        };
        let answered = tokio::time::timeout(limit, &mut given).await;
        // Nothing comes in from here on.
        self.state.lock().pending = None;
        let refused = match (answered, prompt.kind) {
            (Ok(Ok(Given::Text(secret))), _) => return Some(secret),
            (Ok(Ok(Given::User(name, password))), _) => {
                let along = password.map(|password| (prompt.url.clone(), password));
                self.state.lock().along = along;
                return Some(name);
            }
            (Ok(Ok(Given::Cancelled)), QuestionKind::HostKey) => {
                CommandError::new(HOST_KEY, "the key of the server was not accepted")
            }
            (Ok(Ok(Given::Cancelled)), _) => failed("the credentials were asked for and refused"),
            (Ok(Err(_)), _) => gone(),
            (Err(_), _) => failed(format!(
                "the credentials were asked for, and nobody answered within {} seconds",
                limit.as_secs_f32()
            )),
        };
        self.fail(refused)
    }

    /// Makes a prompt the open question, unless its answer is known.
    fn put(&self, prompt: &Prompt) -> Result<Put, CommandError> {
        let mut state = self.state.lock();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        if prompt.kind == QuestionKind::Password
            && let Some((url, password)) = state.along.take()
            && same(url.as_deref(), prompt.url.as_deref())
        {
            return Ok(Put::Known(password));
        }
        if state.gone {
            return Err(gone());
        }
        if matches!(self.to, To::Nobody) {
            return Err(nobody(prompt));
        }
        let times = state.asked.entry(prompt.text.clone()).or_default();
        if *times == MAX_ATTEMPTS {
            return Err(failed(format!(
                "the credentials were wrong {MAX_ATTEMPTS} times"
            )));
        }
        *times += 1;
        let question = Question {
            kind: prompt.kind,
            prompt: prompt.text.clone(),
            url: prompt.url.clone(),
            host: prompt.host.clone(),
            username: prompt.user.clone(),
            fingerprint: prompt.fingerprint().map(ToOwned::to_owned),
            attempt: *times,
        };
        let (answered, given) = oneshot::channel();
        let told = question.clone();
        state.pending = Some(Pending {
            question,
            taken: false,
            answered,
        });
        drop(state);
        match &self.to {
            To::Client(peer, id) => {
                peer.tell("git:credentialsRequired", &told, Some(id));
                // It may have gone just before: then nobody says so any more.
                if !peer.is_open() {
                    self.starter_left();
                }
            }
            To::Application | To::Nobody => self.changed.notify_waiters(),
        }
        Ok(Put::Asked(given))
    }

    fn fail(&self, failure: CommandError) -> Option<Secret> {
        self.refuse(failure);
        None
    }

    /// Notes why there are no credentials. The first reason stays.
    pub(super) fn refuse(&self, failure: CommandError) {
        self.state.lock().failure.get_or_insert(failure);
    }

    /// Answers the open question.
    ///
    /// # Errors
    /// `BAD_MESSAGE` if the answer does not fit: then the question stays open. `GONE` if nothing is asked.
    pub(super) fn answer(&self, answer: Answer) -> Result<(), CommandError> {
        let mut state = self.state.lock();
        let Some(pending) = &state.pending else {
            return Err(nothing_asked());
        };
        let given = answer.fit(pending.question.kind)?;
        if let Some(pending) = state.pending.take() {
            // The other end is there as long as the question is open.
            let _ = pending.answered.send(given);
        }
        Ok(())
    }

    async fn next(&self) -> Option<Question> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut state = self.state.lock();
                if let Some(pending) = state.pending.as_mut().filter(|pending| !pending.taken) {
                    pending.taken = true;
                    return Some(pending.question.clone());
                }
                if state.ended {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// The starter has gone: what is asked now, or later, gets no answer.
    pub(super) fn starter_left(&self) {
        let mut state = self.state.lock();
        state.gone = true;
        state.pending = None;
    }

    /// The operation has ended.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        state.pending = None;
        drop(state);
        self.changed.notify_waiters();
    }

    /// Whether this connection is the starter.
    pub(super) fn is_started_by(&self, peer: &Peer) -> bool {
        matches!(&self.to, To::Client(starter, _) if starter.key() == peer.key())
    }

    /// Whether this connection is the starter, and has given the operation this id.
    pub(super) fn is_of(&self, peer: &Peer, id: Option<&Value>) -> bool {
        self.is_started_by(peer) && matches!(&self.to, To::Client(_, own) if Some(own) == id)
    }

    /// Why there were no credentials, if they were the reason.
    pub(super) fn failure(&self) -> Option<CommandError> {
        self.state.lock().failure.clone()
    }
}

enum Put {
    Known(Secret),
    Asked(oneshot::Receiver<Given>),
}

fn same(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => super::url::same_server(one, other),
        (one, other) => one == other,
    }
}

pub(super) fn failed(message: impl Into<String>) -> CommandError {
    CommandError::new(AUTH_FAILED, message)
}

pub(super) fn nothing_asked() -> CommandError {
    let message = "no operation with this id waits for credentials of this connection";
    CommandError::new("GONE", message)
}

fn gone() -> CommandError {
    failed(
        "credentials are needed, and the connection that started the operation has gone: nobody else is asked",
    )
}

fn nobody(prompt: &Prompt) -> CommandError {
    let host = prompt.host.as_deref().unwrap_or("the server");
    match prompt.kind {
        QuestionKind::HostKey => {
            let message = format!(
                "the key of {host} is not known, and nobody can be asked whether it is right: give onCredentials, or \
                 add the key to the file known_hosts"
            );
            CommandError::new(HOST_KEY, message)
        }
        kind => failed(format!(
            "a {} for {host} is needed, and nobody can be asked: give auth or onCredentials",
            kind.name()
        )),
    }
}
