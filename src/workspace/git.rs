//! Git operations, as the application uses them.

use std::sync::Arc;

use loopwire_runtime::{
    GitAction, GitAnswer, GitAsker, GitAuth, GitExchange, GitOperation, GitProgress, GitRequest,
    Runtime, Secret,
};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::node::{Failure, Outcome, args, promised, throwing};

/// The options that all operations have. `signal` and `onCredentials` are JavaScript's own.
const COMMON: [&str; 4] = ["id", "timeoutMs", "signal", "onCredentials"];

/// The longest depth, which git has, too.
const MAX_DEPTH: u64 = i32::MAX as u64;

/// How far an operation is.
#[napi(object)]
pub struct GitProgressInfo {
    /// From 0 to 100; it never falls.
    pub percent: u32,
    /// A sentence for people.
    pub status: String,
    /// What git is doing.
    #[napi(
        ts_type = "'starting' | 'counting' | 'compressing' | 'receiving' | 'writing' | 'resolving' | 'updating' | 'done'"
    )]
    pub phase: String,
    /// How many objects or files are done in this phase.
    #[napi(ts_type = "number | null")]
    pub received: Either<f64, Null>,
    /// How many there are in this phase.
    #[napi(ts_type = "number | null")]
    pub total: Either<f64, Null>,
    /// How many bytes were transferred in this phase.
    #[napi(ts_type = "number | null")]
    pub bytes: Either<f64, Null>,
    /// How fast they are transferred.
    #[napi(ts_type = "number | null")]
    pub bytes_per_second: Either<f64, Null>,
}

/// The result of an operation.
#[napi(object)]
pub struct GitResult {
    /// The commit that is checked out, was fetched, or was pushed; `null` for an empty repository.
    #[napi(ts_type = "string | null")]
    pub commit: Either<String, Null>,
}

/// What git or ssh wants to know.
#[napi(object)]
pub struct GitQuestion {
    /// What is asked for.
    #[napi(ts_type = "'username' | 'password' | 'passphrase' | 'hostKey'")]
    pub kind: String,
    /// The sentence in which it is asked.
    pub prompt: String,
    /// Where the credentials go over HTTP, without a user.
    pub url: Option<String>,
    /// The host that they are for.
    pub host: Option<String>,
    /// The user that they are for.
    pub username: Option<String>,
    /// The fingerprint of a host's key: `SHA256:…`.
    pub fingerprint: Option<String>,
    /// How often this has been asked, from 1 on: more than 1 if the answer before was wrong.
    pub attempt: u32,
}

/// A git operation that was started, or could not be.
#[napi]
pub struct NativeGitOperation {
    operation: Outcome<GitOperation>,
    /// Where the repository is, as it was given.
    path: String,
    asker: Option<GitAsker>,
    runtime: Arc<Runtime>,
}

impl NativeGitOperation {
    pub(super) fn new(
        operation: Outcome<GitOperation>,
        path: String,
        asker: Option<GitAsker>,
        runtime: Arc<Runtime>,
    ) -> Self {
        Self {
            operation,
            path,
            asker,
            runtime,
        }
    }
}

#[napi]
impl NativeGitOperation {
    /// Its id; `undefined` if it was not started.
    #[napi(getter, catch_unwind, skip_typescript)]
    pub fn id(&self) -> Option<String> {
        let id = self.operation.as_ref().ok()?.id();
        Some(
            id.as_str()
                .map_or_else(|| id.to_string(), ToOwned::to_owned),
        )
    }

    /// Resolves when it has succeeded.
    #[napi(catch_unwind, skip_typescript)]
    pub fn done<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let (operation, path) = (self.operation.clone(), self.path.clone());
        promised(env, &self.runtime, async move {
            let done = operation?.done().await;
            let done = done.map_err(|refusal| Failure::refused_at(&refusal, &path))?;
            Ok(GitResult {
                commit: done.commit.map_or(Either::B(Null), Either::A),
            })
        })
    }

    /// Reads its progress from here on.
    #[napi(catch_unwind, skip_typescript)]
    pub fn progress(&self) -> NativeGitProgress {
        let operation = self.operation.clone().ok();
        NativeGitProgress {
            operation: Arc::new(Mutex::new(operation)),
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// Ends it.
    #[napi(catch_unwind, skip_typescript)]
    pub fn cancel(&self) {
        if let Ok(operation) = &self.operation {
            operation.cancel();
        }
    }

    /// The next question for credentials; `null` once it has ended.
    #[napi(catch_unwind, skip_typescript)]
    pub fn question<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let (operation, asker) = (self.operation.clone().ok(), self.asker.clone());
        promised(env, &self.runtime, async move {
            let (Some(operation), Some(asker)) = (operation, asker) else {
                return Ok(None);
            };
            let question = tokio::select! {
                question = asker.next() => question,
                _ = operation.done() => None,
            };
            Ok(question.map(|question| GitQuestion {
                kind: question.kind.name().to_owned(),
                prompt: question.prompt,
                url: question.url,
                host: question.host,
                username: question.username,
                fingerprint: question.fingerprint,
                attempt: question.attempt,
            }))
        })
    }

    /// Answers the last question.
    #[napi(catch_unwind, skip_typescript)]
    pub fn answer(&self, env: Env, answer: Unknown<'_>) -> Result<()> {
        let answer = throwing(&env, read_answer(answer))?;
        let answered = self
            .asker
            .as_ref()
            .map_or(Ok(()), |asker| asker.answer(answer));
        throwing(&env, answered.map_err(|refusal| Failure::refused(&refusal)))
    }
}

/// One reader of an operation's progress.
#[napi]
pub struct NativeGitProgress {
    operation: Arc<Mutex<Option<GitOperation>>>,
    runtime: Arc<Runtime>,
}

#[napi]
impl NativeGitProgress {
    /// The latest progress that this reader has not seen; `null` after the last one.
    #[napi(catch_unwind, skip_typescript)]
    pub fn next<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let operation = Arc::clone(&self.operation);
        promised(env, &self.runtime, async move {
            match operation.lock().await.as_mut() {
                Some(operation) => Ok(operation.progress().await.map(progress)),
                None => Ok(None),
            }
        })
    }
}

/// The path of the repository that it is about.
pub(super) fn repository(action: &GitAction) -> &str {
    match action {
        GitAction::Clone { target_dir, .. } => target_dir,
        GitAction::Checkout { repo_path, .. } => repo_path,
        GitAction::Fetch(exchange) | GitAction::Pull(exchange) | GitAction::Push(exchange) => {
            &exchange.repo_path
        }
    }
}

fn progress(progress: GitProgress) -> GitProgressInfo {
    #[expect(clippy::cast_precision_loss, reason = "counts lie below 2^53")]
    let count = |count: Option<u64>| count.map_or(Either::B(Null), |count| Either::A(count as f64));
    GitProgressInfo {
        percent: progress.percent.into(),
        phase: json!(progress.phase)
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        received: count(progress.received),
        total: count(progress.total),
        bytes: count(progress.bytes),
        bytes_per_second: count(progress.bytes_per_second),
        status: progress.status,
    }
}

/// Reads what an operation is started with. `kind` is a name of ours.
pub(super) fn request(
    kind: &str,
    options: Unknown<'_>,
    asker: Option<GitAsker>,
) -> Outcome<GitRequest> {
    let own: &[&str] = match kind {
        "clone" => &["url", "targetDir", "branch", "depth", "auth"],
        "checkout" => &["repoPath", "branch", "create", "auth"],
        _ => &["repoPath", "branch", "force", "auth"],
    };
    let known = [own, &COMMON].concat();
    if args::is_missing(&options) {
        return Err(Failure::wrong_type("options", "an object", "undefined"));
    }
    let (mut id, mut timeout, mut auth) = (None, None, None);
    let (mut place, mut target, mut branch) = (None, None, None);
    let (mut depth, mut flag) = (None, false);
    for (key, value) in args::options(options, "options", &known)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
            "id" => id = Some(Value::from(args::string(value, name)?)),
            "timeoutMs" => timeout = Some(args::millis(value, name, 1..=args::DAY)?),
            "auth" => auth = read_auth(value, name)?,
            "url" | "repoPath" => place = Some(args::text(value, name)?),
            "targetDir" => target = Some(args::text(value, name)?),
            "branch" => branch = Some(args::text(value, name)?),
            "depth" => depth = u32::try_from(args::integer(value, name, 1..=MAX_DEPTH)?).ok(),
            "force" | "create" => flag = args::boolean(value, name)?,
            _ => {}
        }
    }
    let needed = |value: Option<String>, name: &str| {
        value
            .ok_or_else(|| Failure::wrong_type(&format!("options.{name}"), "a string", "undefined"))
    };
    let exchange = |place: Option<String>, branch| {
        Ok::<_, Failure>(GitExchange {
            repo_path: needed(place, "repoPath")?,
            branch,
            force: flag,
        })
    };
    let action = match kind {
        "clone" => GitAction::Clone {
            url: needed(place, "url")?,
            target_dir: needed(target, "targetDir")?,
            branch,
            depth,
        },
        "checkout" => GitAction::Checkout {
            repo_path: needed(place, "repoPath")?,
            branch: needed(branch, "branch")?,
            create: flag,
        },
        "fetch" => GitAction::Fetch(exchange(place, branch)?),
        "pull" => GitAction::Pull(exchange(place, branch)?),
        _ => GitAction::Push(exchange(place, branch)?),
    };
    Ok(GitRequest {
        id,
        action,
        auth,
        asker,
        timeout,
    })
}

fn read_auth(value: Unknown<'_>, name: &str) -> Outcome<Option<GitAuth>> {
    if args::is_null(&value) {
        return Ok(None);
    }
    let known = ["username", "password", "token", "privateKey", "passphrase"];
    let (mut username, mut password, mut token) = (None, None, None);
    let (mut private_key, mut passphrase) = (None, None);
    for (key, value) in args::options(value, name, &known)? {
        let text = args::text(value, &format!("{name}.{key}"))?;
        match key.as_str() {
            "username" => username = Some(text),
            "password" => password = Some(Secret::from(text)),
            "token" => token = Some(Secret::from(text)),
            "privateKey" => private_key = Some(Secret::from(text)),
            _ => passphrase = Some(Secret::from(text)),
        }
    }
    match (username, password, token, private_key, passphrase) {
        (Some(username), password, None, None, None) => {
            Ok(Some(GitAuth::Password { username, password }))
        }
        (username, None, Some(token), None, None) => Ok(Some(GitAuth::Token { token, username })),
        (None, None, None, Some(private_key), passphrase) => Ok(Some(GitAuth::SshKey {
            private_key,
            passphrase,
        })),
        _ => Err(Failure::invalid(format!(
            "{name} must be {{username, password?}}, {{token, username?}} or {{privateKey, passphrase?}}"
        ))),
    }
}

/// Reads what `onCredentials` has given.
fn read_answer(value: Unknown<'_>) -> Outcome<GitAnswer> {
    let name = "the result of onCredentials";
    if args::is_missing(&value) || args::is_null(&value) {
        return Ok(GitAnswer::cancelled());
    }
    let mut answer = Map::new();
    let known = ["username", "password", "passphrase", "accept", "cancel"];
    for (key, value) in args::options(value, name, &known)? {
        let of = format!("{key} in {name}");
        let value = match key.as_str() {
            "accept" | "cancel" => json!(args::boolean(value, &of)?),
            _ => json!(args::string(value, &of)?),
        };
        answer.insert(key, value);
    }
    serde_json::from_value(Value::Object(answer))
        .map_err(|_| Failure::invalid(format!("{name} cannot be read")))
}
