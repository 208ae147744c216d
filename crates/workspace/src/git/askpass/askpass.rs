//! Askpass: what git and ssh ask during an operation is answered here, from the request's credentials or by the
//! starter. Neither can open a prompt of its own.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use loopwire_channel::{Command, CommandError, Executor, Journal, Peer, fault};
use parking_lot::Mutex;
use rustix::fs::{Mode, OFlags};
use serde_json::Value;
use tokio::io::Interest;
use tokio::task::AbortHandle;

use super::super::auth::Auth;
use super::answers::Answers;
use super::directory::PrivateDirectory;
use super::question::Answer;
use super::questions::{Questions, Starter, nothing_asked};
use super::serve::serve;
use crate::process::async_fd;

/// An operation that may have to authenticate.
#[derive(Debug)]
pub(crate) struct AskpassRequest {
    pub(crate) id: Value,
    pub(crate) starter: Starter,
    pub(crate) auth: Option<Auth>,
    /// Where the operation leads to, without user information. `None` if it does not leave this machine. Credentials
    /// that were given with the operation are for this server alone.
    pub(crate) url: Option<String>,
}

/// Answers the prompts of git and ssh, for all operations of one workspace. Clones share it.
#[derive(Clone)]
pub(crate) struct Askpass(Arc<Shared>);

struct Shared {
    journal: Arc<Journal>,
    executor: Executor,
    /// How long a starter may take for an answer.
    limit: Duration,
    /// The questions of the operations that run.
    open: Mutex<Vec<Weak<Questions>>>,
}

impl std::fmt::Debug for Askpass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Askpass").finish_non_exhaustive()
    }
}

impl Askpass {
    pub(crate) fn new(journal: &Arc<Journal>, executor: &Executor, limit: Duration) -> Self {
        Self(Arc::new(Shared {
            journal: Arc::clone(journal),
            executor: executor.clone(),
            limit,
            open: Mutex::default(),
        }))
    }

    /// Prepares for the prompts of one operation. Called before git is started.
    pub(crate) async fn begin(
        &self,
        request: AskpassRequest,
    ) -> Result<AskpassSession, CommandError> {
        let questions = Questions::of(request.starter, request.id);
        let auth = request.auth;
        let prepare = move || {
            let directory = PrivateDirectory::new()?;
            let key = match &auth {
                Some(Auth::SshKey { private_key, .. }) => Some(directory.write_key(private_key)?),
                _ => None,
            };
            // For reading and writing: it never comes to its end, and opening it waits for nobody.
            let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let ask = rustix::fs::open(directory.ask(), flags, Mode::empty())?;
            Ok::<_, io::Error>((directory, auth, key, ask))
        };
        let prepared = tokio::task::spawn_blocking(prepare).await;
        let prepared = prepared
            .map_err(io::Error::other)
            .and_then(|prepared| prepared);
        let (directory, auth, key, ask) = prepared.map_err(|error| not_prepared(&error))?;
        let ask = async_fd(ask, Interest::READABLE).map_err(|error| not_prepared(&error))?;
        let answers = Arc::new(Answers {
            auth,
            server: request.url,
            key,
            questions: Arc::clone(&questions),
            limit: self.0.limit,
            used: Mutex::default(),
        });
        let directory = Arc::new(directory);
        let serve = serve(
            ask,
            Arc::clone(&directory),
            Arc::clone(&answers),
            Arc::clone(&self.0.journal),
        );
        let journal = Arc::clone(&self.0.journal);
        let task = async move {
            let _ = fault::supervise(&journal, "git:askpass", serve).await;
        };
        let Some(handle) = self.0.executor.handle() else {
            return Err(CommandError::new("NO_WORKSPACE", "the workspace is closed"));
        };
        let task = handle.spawn(task.boxed()).abort_handle();
        let mut open = self.0.open.lock();
        open.retain(|one| one.strong_count() > 0);
        open.push(Arc::downgrade(&questions));
        Ok(AskpassSession {
            directory,
            answers,
            task,
        })
    }

    /// Carries out `git:credentials`.
    pub(crate) fn command(&self, command: Command) {
        let Some((answer, reply)) = command.read::<Answer>(Answer::EXPECTED) else {
            return;
        };
        let open = self.open();
        let asked = open.iter().find(|one| one.is_of(reply.peer(), reply.id()));
        let answered = asked.map_or_else(|| Err(nothing_asked()), |asked| asked.answer(answer));
        match answered {
            Ok(()) => reply.done(),
            Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
        }
    }

    /// A connection has ended: what it was asked for will not come.
    pub(crate) fn left(&self, peer: &Peer) {
        let open = self.open();
        let left = open.iter().filter(|one| one.is_started_by(peer));
        left.for_each(|one| one.starter_left());
    }

    fn open(&self) -> Vec<Arc<Questions>> {
        self.0
            .open
            .lock()
            .iter()
            .filter_map(Weak::upgrade)
            .collect()
    }
}

/// Answers the prompts of one operation. When it is dropped, nothing of the credentials is left.
#[derive(Debug)]
pub(crate) struct AskpassSession {
    directory: Arc<PrivateDirectory>,
    answers: Arc<Answers>,
    task: AbortHandle,
}

impl AskpassSession {
    /// Variables for git, with their value, or without one if git must not have them.
    pub(crate) fn variables(&self) -> Vec<(OsString, Option<OsString>)> {
        let program = self.directory.program().into_os_string();
        let set = |name: &str, value: &str| (name.into(), Some(value.into()));
        let mut variables = vec![
            ("GIT_ASKPASS".into(), Some(program.clone())),
            ("SSH_ASKPASS".into(), Some(program)),
            set("SSH_ASKPASS_REQUIRE", "force"),
            ("SSH_ASKPASS_PROMPT".into(), None),
            set("GIT_TERMINAL_PROMPT", "0"),
            // The user's credential helper may know the password, but must not open a window for it.
            set("GCM_INTERACTIVE", "never"),
        ];
        // OpenSSH before 8.4 asks a program only where there is a display.
        if std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
            variables.push(set("DISPLAY", ":0"));
        }
        variables
    }

    /// Whether ssh must use the key of the request.
    pub(crate) fn has_key(&self) -> bool {
        self.answers.key.is_some()
    }

    /// How git runs ssh with the key of the request. `otherwise` is how git runs it without that.
    pub(crate) fn ssh_command(&self, otherwise: &OsStr) -> Option<OsString> {
        let key = self.answers.key.as_ref()?;
        let mut command = otherwise.to_owned();
        command.push(" -o IdentitiesOnly=yes -i ");
        command.push(quoted(key.as_os_str()));
        Some(command)
    }

    /// Settings for git, which win over those of its configuration.
    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        // Credentials that were given come before those that a helper of the user has, and no helper stores them.
        match self.answers.auth {
            Some(Auth::Password { .. } | Auth::Token { .. }) => {
                vec![("credential.helper".to_owned(), String::new())]
            }
            _ => Vec::new(),
        }
    }

    /// Why credentials were not given, if they were asked for and not given: it tells more than what git says then.
    pub(crate) fn refusal(&self) -> Option<CommandError> {
        self.answers.questions.failure()
    }

    /// Whether git should run once more after a failure: the starter was asked for credentials for HTTP, and git
    /// itself asks for those only once. It is true a bounded number of times.
    pub(crate) fn runs_again(&self) -> bool {
        let asked = std::mem::take(&mut self.answers.used.lock().asked_for_http);
        asked && self.refusal().is_none()
    }
}

impl Drop for AskpassSession {
    fn drop(&mut self) {
        self.task.abort();
        self.answers.questions.end();
    }
}

/// One word of the shell.
pub(crate) fn quoted(text: &OsStr) -> OsString {
    let mut word = OsString::from("'");
    for (at, part) in text.as_bytes().split(|byte| *byte == b'\'').enumerate() {
        if at > 0 {
            word.push(r"'\''");
        }
        word.push(OsStr::from_bytes(part));
    }
    word.push("'");
    word
}

fn not_prepared(error: &io::Error) -> CommandError {
    let message = format!(
        "no private directory for credentials could be made in $XDG_RUNTIME_DIR or the temporary directory, from \
         which programs may be run: {error}"
    );
    CommandError::new("IO_ERROR", message)
}
