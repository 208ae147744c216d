//! Git operations.

use std::ffi::c_char;
use std::sync::Arc;

use loopwire_runtime::{Failure, GitAsker, GitOperation, GitQuestion, Outcome, option};
use tokio::sync::Mutex;

use super::handle::{LoopwireWorkspace, workspace};
use super::output::{id_out, json_out, optional_out};
use super::shapes;
use super::waiting::within;
use crate::boundary::{Given, LoopwireResult, call, handle_out, json, number_out, text};
use crate::runtime::LoopwireRuntime;

/// A git operation that was started.
///
/// Any thread may use it, also several at once: one that waits for the end, one that shows progress, one that answers questions.
pub struct LoopwireGitOperation {
    operation: GitOperation,
    /// Where the repository is, as it was given.
    path: String,
    asker: Option<GitAsker>,
    /// The question that is open, until somebody has taken it.
    question: Arc<parking_lot::Mutex<Option<GitQuestion>>>,
    /// The one that reads progress.
    progress: Arc<Mutex<GitOperation>>,
    runtime: LoopwireRuntime,
}

/// The operation behind a pointer.
///
/// # Safety
/// `pointer` is NULL or an operation that was not freed.
unsafe fn operation<'a>(pointer: *const LoopwireGitOperation) -> Outcome<&'a LoopwireGitOperation> {
    // SAFETY: as the caller has promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::invalid("operation must not be NULL"))
}

/// Starts a git operation, and returns at once; `loopwire_git_wait` waits for its end.
///
/// `kind` is "clone", "fetch", "pull", "push" or "checkout". `options` is the text of a JSON object, as for `git.clone` and the
/// others in docs/workspace.md: clone `{url, targetDir, branch?, depth?, …}`; fetch, pull and push `{repoPath, branch?, force?, …}`;
/// checkout `{repoPath, branch, create?, …}`; all of them `auth?`, `id?`, `timeoutMs?`. With `asks` a thread of the application
/// takes the questions for credentials by `loopwire_git_question`, and answers them; without it an operation that needs
/// credentials which were not given fails. `out` receives the handle; free it with `loopwire_git_free`.
///
/// Fails with the codes `URL_REFUSED`, `ID_IN_USE`, `TOO_MANY_OPERATIONS`, `NOT_ENABLED`, `NO_WORKSPACE`. Events: `git:progress`,
/// `git:done`, `git:error`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; texts are NULL or end with a NUL; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_git_start(
    workspace: *const LoopwireWorkspace,
    kind: *const c_char,
    options: *const c_char,
    asks: bool,
    out: *mut *mut LoopwireGitOperation,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, kind, options) = unsafe {
            handle_out(out, "out")?;
            (
                self::workspace(workspace)?,
                text(kind, "kind")?,
                json(options, "options")?,
            )
        };
        let kind = option::git_kind(kind, "kind")?;
        let asker = asks.then(GitAsker::default);
        let options = options.as_ref().map_or(Given::Null, Given::Json);
        let request = option::git(kind, options, asker.clone())?;
        let path = option::git_repository(&request.action).to_owned();
        let git = workspace.git()?;
        let at = path.clone();
        let operation = workspace.wait(async move {
            let started = git.start(request);
            started.map_err(|refusal| Failure::refused_at(&refusal, &at))
        })?;
        let handle = LoopwireGitOperation {
            progress: Arc::new(Mutex::new(operation.clone())),
            operation,
            path,
            asker,
            question: Arc::default(),
            runtime: workspace.runtime.clone(),
        };
        // SAFETY: as the caller has promised.
        unsafe { number_out(out, Box::into_raw(Box::new(handle))) };
        Ok(())
    })
}

/// Its id: the given one, or "git-N". `out` receives it; give it back with `loopwire_free`.
///
/// # Safety
/// `operation` is NULL or an operation that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_git_id(
    operation: *const LoopwireGitOperation,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            handle_out(out, "out")?;
            id_out(out, self::operation(operation)?.operation.id())
        }
    })
}

/// How far it is: the latest figures that this function has not given yet.
///
/// `out` receives JSON text, to be given back with `loopwire_free`: `{"percent": 0 to 100, "status": a sentence, "phase":
/// "starting", "counting", "compressing", "receiving", "writing", "resolving", "updating" or "done", "received", "total", "bytes",
/// "bytesPerSecond": numbers or null}`.
///
/// Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if there is nothing
/// newer. `LOOPWIRE_RESULT_ENDED` once the operation has ended and its last figures were given.
///
/// # Safety
/// `operation` is NULL or an operation that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_git_progress(
    operation: *const LoopwireGitOperation,
    timeout_ms: u32,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let operation = unsafe {
            handle_out(out, "out")?;
            self::operation(operation)?
        };
        let reading = Arc::clone(&operation.progress);
        let progress = within(&operation.runtime, timeout_ms, async move {
            reading.lock().await.progress().await
        })?;
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::git_progress(&progress)) }
    })
}

/// The next question for credentials, of an operation that was started with `asks`. Answer it with `loopwire_git_answer`.
///
/// `out` receives JSON text, to be given back with `loopwire_free`: `{"kind": "username", "password", "passphrase" or "hostKey",
/// "prompt": a sentence, "url"?, "host"?, "username"?, "fingerprint"?, "attempt": more than 1 if the answer before was wrong}`.
///
/// Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if nothing was asked.
/// `LOOPWIRE_RESULT_ENDED` once the operation has ended, and at once for one that does not ask.
///
/// # Safety
/// `operation` is NULL or an operation that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_git_question(
    operation: *const LoopwireGitOperation,
    timeout_ms: u32,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let operation = unsafe {
            handle_out(out, "out")?;
            self::operation(operation)?
        };
        let question = loop {
            if let Some(question) = operation.question.lock().take() {
                break question;
            }
            let (asker, asked) = (operation.asker.clone(), operation.operation.clone());
            let open = Arc::clone(&operation.question);
            within(&operation.runtime, timeout_ms, async move {
                let asker = asker?;
                let question = tokio::select! {
                    question = asker.next() => question,
                    _ = asked.done() => None,
                };
                *open.lock() = Some(question?);
                Some(())
            })?;
        };
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::git_question(&question)) }
    })
}

/// Answers the question that was taken last.
///
/// `answer` is the text of a JSON object that fits the question: `{"username", "password"?}`, `{"password"}`, `{"passphrase"}`,
/// `{"accept": true}` for a host's key, or `{"cancel": true}`; NULL cancels, too.
///
/// Fails with `LOOPWIRE_RESULT_INVALID_ARGUMENT` if it does not fit: then the question stays open; with the code `GONE` if it is
/// not open any more.
///
/// # Safety
/// `operation` is NULL or an operation that was not freed; `answer` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_git_answer(
    operation: *const LoopwireGitOperation,
    answer: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (operation, answer) = unsafe { (self::operation(operation)?, json(answer, "answer")?) };
        let answer = option::git_answer(Given::options(answer.as_ref()))?;
        let asker = operation.asker.as_ref();
        let asker =
            asker.ok_or_else(|| Failure::invalid("the operation was started without asks"))?;
        let answered = asker.answer(answer);
        answered.map_err(|refusal| Failure::refused(&refusal))
    })
}

/// Waits until it has ended: `LOOPWIRE_RESULT_OK` if it has succeeded.
///
/// `out` receives JSON text, to be given back with `loopwire_free`; it may be NULL: `{"commit": the commit that is checked out, was
/// fetched, or was pushed; null for an empty repository}`. Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for
/// ever: `LOOPWIRE_RESULT_TIMED_OUT`. It may be called again, and from several threads.
///
/// Fails with `LOOPWIRE_RESULT_CANCELLED`, and with the codes `GIT_NOT_FOUND`, `AUTH_FAILED`, `HOST_KEY`, `TIMED_OUT` (`timeoutMs` is
/// over), `GIT_FAILED` and the others of `git:error`.
///
/// # Safety
/// `operation` is NULL or an operation that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_git_wait(
    operation: *const LoopwireGitOperation,
    timeout_ms: u32,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let operation = unsafe {
            optional_out(out, "out")?;
            self::operation(operation)?
        };
        let waited = operation.operation.clone();
        let done = within(&operation.runtime, timeout_ms, async move {
            Some(waited.done().await)
        })?;
        let done = done.map_err(|refusal| Failure::refused_at(&refusal, &operation.path))?;
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::git_result(&done)) }
    })
}

/// Ends it: git, and everything that git has started. Returns at once; `loopwire_git_wait` then says `LOOPWIRE_RESULT_CANCELLED`,
/// unless it was done before.
///
/// # Safety
/// `operation` is NULL or an operation that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_git_cancel(
    operation: *const LoopwireGitOperation,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::operation(operation) }?.operation.cancel();
        Ok(())
    })
}

/// Frees the handle. NULL does nothing. The operation goes on, and its events tell of it: to end it, call `loopwire_git_cancel`
/// before. What it asks for is not answered any more.
///
/// # Safety
/// `operation` is NULL or an operation that was not freed; no other call uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_git_free(operation: *mut LoopwireGitOperation) -> LoopwireResult {
    call(|| {
        if !operation.is_null() {
            // SAFETY: as the caller has promised.
            drop(unsafe { Box::from_raw(operation) });
        }
        Ok(())
    })
}
