//! The commands whose names begin with `git:`.

use std::time::Duration;

use loopwire_channel::Command;
use serde::Deserialize;

use super::askpass::Starter;
use super::auth::Auth;
use super::git::Git;
use super::request::{Action, Exchange, GitRequest};

/// What `git:` commands have besides what they are about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Common {
    auth: Option<Auth>,
    /// The longest time in milliseconds.
    timeout_ms: Option<u32>,
}

/// `git:clone`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Clone {
    url: String,
    target_dir: String,
    branch: Option<String>,
    depth: Option<u32>,
    #[serde(flatten)]
    common: Common,
}

const CLONE: &str = "{url, targetDir, branch?: strings, depth?: a number from 1 on, auth?: {username, password?}, {token, \
                     username?} or {privateKey, passphrase?}, timeoutMs?: a number}";

/// `git:fetch`, `git:pull`, `git:push`
#[derive(Deserialize)]
struct Exchanged {
    #[serde(flatten)]
    exchange: Exchange,
    #[serde(flatten)]
    common: Common,
}

const EXCHANGED: &str = "{repoPath, branch?: strings, force?: a boolean, auth?: {username, password?}, {token, username?} \
                         or {privateKey, passphrase?}, timeoutMs?: a number}";

/// `git:checkout`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checkout {
    repo_path: String,
    branch: String,
    #[serde(default)]
    create: bool,
    #[serde(flatten)]
    common: Common,
}

const CHECKOUT: &str = "{repoPath, branch: strings, create?: a boolean, timeoutMs?: a number}";

/// `git:cancel`
#[derive(Deserialize)]
struct NoData {}

impl Git {
    /// Whether a command of that name brings a new id.
    #[must_use]
    pub fn brings_id(name: &str) -> bool {
        !matches!(name, "git:cancel" | "git:credentials")
    }

    /// Carries out a command.
    pub fn command(&self, command: Command) {
        let name = command.name().to_owned();
        match name.strip_prefix("git:").unwrap_or_default() {
            "clone" => self.run(command, CLONE, |asked: Clone| {
                let Clone {
                    url,
                    target_dir,
                    branch,
                    depth,
                    common,
                } = asked;
                let action = Action::Clone {
                    url,
                    target_dir,
                    branch,
                    depth,
                };
                (action, common)
            }),
            "fetch" => self.exchange(command, Action::Fetch),
            "pull" => self.exchange(command, Action::Pull),
            "push" => self.exchange(command, Action::Push),
            "checkout" => self.run(command, CHECKOUT, |asked: Checkout| {
                let Checkout {
                    repo_path,
                    branch,
                    create,
                    common,
                } = asked;
                let action = Action::Checkout {
                    repo_path,
                    branch,
                    create,
                };
                (action, common)
            }),
            "cancel" => {
                if let Some((NoData {}, reply)) = command.read("{id: an operation's}") {
                    match reply.id() {
                        Some(id) if self.cancel(id) => reply.done(),
                        Some(_) => reply.refuse("GONE", "no git operation with this id is running"),
                        None => {
                            let sentence = "data.id is missing: it must be the id of an operation";
                            reply.refuse("BAD_MESSAGE", sentence);
                        }
                    }
                }
            }
            "credentials" => self.0.askpass.command(command),
            _ => command.unknown(),
        }
    }

    fn exchange(&self, command: Command, action: fn(Exchange) -> Action) {
        self.run(command, EXCHANGED, |asked: Exchanged| {
            (action(asked.exchange), asked.common)
        });
    }

    /// Starts an operation for a client. Events tell of it from now on.
    fn run<T: serde::de::DeserializeOwned>(
        &self,
        command: Command,
        expected: &str,
        action: impl FnOnce(T) -> (Action, Common),
    ) {
        let Some((asked, reply)) = command.read::<T>(expected) else {
            return;
        };
        let (action, common) = action(asked);
        let request = GitRequest {
            id: reply.id().cloned(),
            action,
            auth: common.auth,
            asker: None,
            timeout: common
                .timeout_ms
                .map(|ms| Duration::from_millis(u64::from(ms))),
        };
        match self.begin(request, Starter::Client(reply.peer().clone())) {
            Ok(_) => reply.done(),
            Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
        }
    }
}
