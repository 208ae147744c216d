//! Where answers come from: first the request's credentials, then the starter.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::fs::{Mode, OFlags};

use super::super::auth::{Auth, Secret};
use super::prompt::{Prompt, QuestionKind};
use super::questions::{Questions, failed};
use super::url::{host, same_server};
use crate::process::without_sigpipe;
use crate::root::is_out_of_descriptors;

/// The longest question that is read: ssh's longest, with fingerprint and names, has some hundred bytes.
const MAX_PROMPT_BYTES: u64 = 4 << 10;

/// How often a secret of the request is given. A program that starts git anew each time it was refused, as Git LFS does,
/// must come to an end; a wrong password locks accounts at some servers.
const MAX_GIVEN: usize = 16;

/// The name that goes with a token if the request has none: what GitHub calls it, and the others take any.
const NAME_OF_TOKEN: &str = "x-access-token";

/// How long it is waited for a descriptor before the next attempt.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers prompts.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) auth: Option<Auth>,
    /// The URL of the server that `auth` is for; no other server gets it.
    pub(super) server: Option<String>,
    /// The file of the request's private key.
    pub(super) key: Option<PathBuf>,
    pub(super) questions: Arc<Questions>,
    /// How long the starter may take for an answer.
    pub(super) limit: Duration,
    pub(super) used: Mutex<Used>,
}

/// What was given so far.
#[derive(Debug, Default)]
pub(super) struct Used {
    /// What of the request's credentials, and to which process. Asked for again by the same one it was wrong. Another
    /// one does not know what the first one got: Git LFS, or a fetch of what a partial clone lacks.
    given: Vec<(QuestionKind, u32)>,
    /// Whether the starter was asked for credentials for HTTP since the last look.
    pub(super) asked_for_http: bool,
}

impl Answers {
    /// Answers one run of the program.
    pub(super) async fn give(&self, question: &Path, answer: &Path) {
        let found = match patiently(|| read_question(question)).await {
            Ok(asked) if asked.hint != "confirm" => {
                self.find(&Prompt::read(&asked.text), asked.by).await
            }
            // An agent of the user asks whether a key may be used. Whoever is asked here cannot know what that means.
            Ok(_) => None,
            Err(error) => {
                tracing::debug!(%error, "a question of git could not be read");
                None
            }
        };
        say(answer, found.as_ref()).await;
    }

    async fn find(&self, prompt: &Prompt, by: u32) -> Option<Secret> {
        let (kind, host) = (prompt.kind.name(), prompt.host.as_deref());
        tracing::debug!(kind, host, "git asks for credentials");
        match self.known(prompt, by) {
            Known::Answer(secret) => Some(secret),
            Known::Wrong => {
                let what = prompt.kind.name();
                self.questions.refuse(failed(format!(
                    "the {what} that was given with the request was refused"
                )));
                None
            }
            Known::Nothing => {
                let secret = self.questions.ask(&self.shown(prompt), self.limit).await;
                if secret.is_some() && prompt.url.is_some() {
                    self.used.lock().asked_for_http = true;
                }
                secret
            }
        }
    }

    /// What the request's credentials say.
    fn known(&self, prompt: &Prompt, by: u32) -> Known {
        let name = |name: &Option<String>| name.clone().map(Secret::from);
        let secret = match (self.auth.as_ref(), prompt.kind) {
            (Some(Auth::Password { username, .. }), QuestionKind::Username)
                if self.is_for(prompt) =>
            {
                Some(username.clone().into())
            }
            (Some(Auth::Token { username, .. }), QuestionKind::Username) if self.is_for(prompt) => {
                name(username).or_else(|| Some(NAME_OF_TOKEN.to_owned().into()))
            }
            (Some(Auth::Password { password, .. }), QuestionKind::Password)
                if self.is_for(prompt) =>
            {
                password.clone()
            }
            (Some(Auth::Token { token, .. }), QuestionKind::Password) if self.is_for(prompt) => {
                Some(token.clone())
            }
            (Some(Auth::SshKey { passphrase, .. }), QuestionKind::Passphrase)
                if self.is_own(prompt) =>
            {
                passphrase.clone()
            }
            _ => None,
        };
        let Some(secret) = secret else {
            return Known::Nothing;
        };
        let mut used = self.used.lock();
        // A user name is asked for again with each request; what is wrong about it shows at the password.
        if prompt.kind != QuestionKind::Username {
            let this = (prompt.kind, by);
            if used.given.contains(&this) || used.given.len() >= MAX_GIVEN {
                return Known::Wrong;
            }
            used.given.push(this);
        }
        Known::Answer(secret)
    }

    /// Whether the request's password is for the server that asks: a redirect, or a submodule, may lead elsewhere.
    fn is_for(&self, prompt: &Prompt) -> bool {
        let Some(server) = &self.server else {
            return false;
        };
        match (&prompt.url, &prompt.host) {
            (Some(url), _) => same_server(url, server),
            // ssh tells the host without its port.
            (None, Some(asking)) => host(server).is_some_and(|host| {
                let asking = asking.to_ascii_lowercase();
                host == asking
                    || host
                        .rsplit_once(':')
                        .is_some_and(|(name, _)| name.trim_matches(['[', ']']) == asking)
            }),
            (None, None) => false,
        }
    }

    fn is_own(&self, prompt: &Prompt) -> bool {
        let key = self.key.as_ref().and_then(|key| key.to_str());
        key.is_some() && prompt.key.as_deref() == key
    }

    /// The prompt without the path of the private directory.
    fn shown(&self, prompt: &Prompt) -> Prompt {
        let mut shown = prompt.clone();
        if self.is_own(prompt) {
            shown.text = "Enter passphrase for the private key that was given: ".to_owned();
        }
        shown
    }
}

enum Known {
    Answer(Secret),
    /// It was given already, and is asked for again.
    Wrong,
    Nothing,
}

/// Tells a run of the program its answer, or that there is none. An answer always fits into the empty pipe.
pub(super) async fn say(answer: &Path, secret: Option<&Secret>) {
    let text = match secret {
        Some(secret) => format!("yes\n{}\n", secret.expose()),
        None => "no\n".to_owned(),
    };
    // Without a reader the run has been killed.
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let open = || Ok(rustix::fs::open(answer, flags, Mode::empty())?);
    if let Ok(pipe) = patiently(open).await {
        without_sigpipe(&pipe);
        let _ = rustix::io::write(&pipe, text.as_bytes());
    }
}

/// Opens something again and again while this process has no descriptor left: the program waits for its answer. The
/// operation ends that at the latest.
async fn patiently<T>(mut open: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match open() {
            Err(error) if is_out_of_descriptors(&error) => tokio::time::sleep(PAUSE).await,
            done => return done,
        }
    }
}

/// One run of the program.
struct Asked {
    /// The process that has started it.
    by: u32,
    /// ssh says what kind of an answer it expects.
    hint: String,
    text: String,
}

/// What a run of the program was started with.
fn read_question(path: &Path) -> io::Result<Asked> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = std::fs::File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let mut bytes = Vec::new();
    file.take(MAX_PROMPT_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (first, text) = text.split_once('\n').unwrap_or(("", &text));
    let (by, hint) = first.split_once(' ').unwrap_or((first, ""));
    Ok(Asked {
        by: by.parse().unwrap_or_default(),
        hint: hint.to_owned(),
        text: text.to_owned(),
    })
}
