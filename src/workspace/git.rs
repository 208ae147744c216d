//! Git operations, as the application uses them.

use std::sync::Arc;

use loopwire_runtime::{Failure, GitAsker, GitOperation, GitProgress, Outcome, Runtime, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde_json::json;
use tokio::sync::Mutex;

use crate::node::{Given, promised, throwing};

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
    pub fn answer(&self, env: Env, answer: Given<'_>) -> Result<()> {
        let answer = throwing(&env, option::git_answer(answer))?;
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
