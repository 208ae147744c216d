//! `openWorkspace`: the native half of a workspace.

use std::sync::Arc;

use loopwire_runtime::{
    Failure, GitAsker, Outcome, Runtime, Terminals, Workspace, argument as args, option,
};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::git::NativeGitOperation;
use super::terminal::NativeTerminal;
use super::watch::NativeFileWatch;
use crate::node::{Answer, Environment, Given, NativeCancel, Waker, promised, throwing};

/// The result of writing a file.
#[napi(object)]
pub struct Written {
    /// Its path, as it was given.
    pub path: String,
    /// Its size in bytes.
    pub size: f64,
    /// The SHA-256 of its contents, in hexadecimal.
    pub sha256: String,
    /// Whether every reader saw the old contents or the new ones. `false` if the file was written in place, because it
    /// could not be replaced and keep its owner, its access control list or its attributes.
    pub atomic: bool,
}

/// An open workspace.
#[napi]
pub struct NativeWorkspace {
    pub(super) workspace: Workspace,
    pub(super) runtime: Arc<Runtime>,
}

#[napi]
impl NativeWorkspace {
    /// Checks all arguments before it opens the directory.
    #[napi(constructor, catch_unwind, skip_typescript)]
    pub fn new(env: Env, root: Given<'_>, options: Given<'_>) -> Result<Self> {
        let checked = option::directory(root, "root")
            .and_then(|root| Ok((root, option::workspace(options)?)));
        let (root, options) = throwing(&env, checked)?;
        let runtime = Arc::clone(&Environment::of(&env)?.runtime);
        let opened = runtime.open_workspace(&root, options);
        let workspace = throwing(&env, opened.map_err(Failure::from))?;
        Ok(Self { workspace, runtime })
    }

    /// The root: the absolute path of the directory, without symbolic links.
    #[napi(getter, catch_unwind)]
    pub fn root(&self) -> String {
        self.workspace.root().to_string_lossy().into_owned()
    }

    /// Whether the workspace is closed, by `close()` or `shutdown()`.
    #[napi(getter, catch_unwind)]
    pub fn closed(&self) -> bool {
        !self.runtime.has_workspace(&self.workspace)
    }

    /// Starts a command; see `Workspace.terminal`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn terminal<'env>(&self, env: &'env Env, options: Given<'_>) -> Result<Object<'env>> {
        let wanted = throwing(env, option::terminal(options))?;
        let cwd = wanted.cwd.clone();
        let refused = move |refusal| Failure::refused_in(&refusal, cwd.as_deref());
        let spawned = self
            .terminals()
            .and_then(|terminals| terminals.spawn(wanted).map_err(&refused));
        let runtime = Arc::clone(&self.runtime);
        promised(env, &self.runtime, async move {
            let terminal = spawned?;
            let pid = terminal.started().await;
            let pid = pid.map_err(refused)?;
            Ok(NativeTerminal::new(terminal, pid, runtime))
        })
    }

    /// Reads a file; see `Workspace.readFile`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn read_file<'env>(
        &self,
        env: &'env Env,
        path: Given<'_>,
        cancel: Option<&NativeCancel>,
    ) -> Result<Object<'env>> {
        let path = throwing(env, args::string(path, "path"))?;
        let workspace = self.workspace.clone();
        let cancel = cancel.map(NativeCancel::token).unwrap_or_default();
        promised(env, &self.runtime, async move {
            let files = workspace
                .files()
                .ok_or_else(|| Failure::not_enabled("files"))?;
            let read = files.read_unless(&path, 0, None, &cancel).await;
            let bytes = read.map_err(|refusal| Failure::refused_at(&refusal, &path))?;
            Ok(Buffer::from(bytes))
        })
    }

    /// Writes a file; see `Workspace.writeFile`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn write_file<'env>(
        &self,
        env: &'env Env,
        path: Given<'_>,
        data: Given<'_>,
        options: Given<'_>,
        cancel: Option<&NativeCancel>,
    ) -> Result<Object<'env>> {
        let checked = args::string(path, "path").and_then(|path| {
            let mut mode = None;
            for (_, value) in args::options(options, "options", &["mode"])? {
                mode = Some(option::file_mode(value, "options.mode")?);
            }
            Ok((path, args::bytes(data, "data")?, mode))
        });
        let (path, data, mode) = throwing(env, checked)?;
        let workspace = self.workspace.clone();
        let cancel = cancel.map(NativeCancel::token).unwrap_or_default();
        promised(env, &self.runtime, async move {
            let files = workspace
                .files()
                .ok_or_else(|| Failure::not_enabled("files"))?;
            let written = files.write_unless(&path, data, mode, &cancel).await;
            let done = written.map_err(|refusal| Failure::refused_at(&refusal, &path))?;
            Ok(Written {
                path: done.path,
                #[expect(clippy::cast_precision_loss, reason = "files lie below 2^53")]
                size: done.size as f64,
                sha256: done.sha256,
                atomic: done.atomic,
            })
        })
    }

    /// Watches files; see `Workspace.watch`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn watch(
        &self,
        env: Env,
        paths: Given<'_>,
        options: Given<'_>,
        wake: Function<'_, (), ()>,
    ) -> Result<NativeFileWatch> {
        let watching = option::watch(paths, options).and_then(|request| {
            let watches = self.workspace.watches();
            let watches = watches.ok_or_else(|| Failure::not_enabled("watch"))?;
            watches
                .watch(&request)
                .map_err(|refusal| Failure::refused(&refusal))
        });
        let watch = throwing(&env, watching)?;
        let waker = Waker::bare(&wake)?;
        Ok(NativeFileWatch::new(
            watch,
            waker,
            Arc::clone(&self.runtime),
        ))
    }

    /// Starts a git operation; see `Workspace.git`. With `asks` its questions for credentials are taken and answered.
    /// With `only_check` nothing is started.
    #[napi(catch_unwind, skip_typescript)]
    pub fn git(
        &self,
        env: Env,
        kind: String,
        options: Given<'_>,
        asks: bool,
        only_check: bool,
    ) -> Result<Option<NativeGitOperation>> {
        let asker = asks.then(GitAsker::default);
        let request = throwing(&env, option::git(&kind, options, asker.clone()))?;
        let path = option::git_repository(&request.action).to_owned();
        if only_check {
            return Ok(None);
        }
        let git = self
            .workspace
            .git()
            .ok_or_else(|| Failure::not_enabled("git"));
        let started = git.and_then(|git| {
            let started = git.start(request);
            started.map_err(|refusal| Failure::refused_at(&refusal, &path))
        });
        let runtime = Arc::clone(&self.runtime);
        Ok(Some(NativeGitOperation::new(started, path, asker, runtime)))
    }

    /// Closes the workspace. From this moment on clients are answered `NO_WORKSPACE`; commands get SIGTERM and, two
    /// seconds later, SIGKILL.
    ///
    /// Resolves when all commands have ended; never rejects. It may be called again. It takes no `signal`: what has not ended
    /// after two seconds is killed.
    ///
    /// @example await workspace.close();
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn close<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.runtime.remove_workspace(&self.workspace);
        // If the runtime is shut down before or meanwhile, everything is closed already.
        let (answer, promise) = Answer::promise(env, |_| Ok(()))?;
        let workspace = self.workspace.clone();
        self.runtime.spawn(async move {
            workspace.close().await;
            answer.give(|_| Ok(()));
        });
        Ok(promise)
    }

    fn terminals(&self) -> Outcome<&Terminals> {
        let terminals = self.workspace.terminals();
        terminals.ok_or_else(|| Failure::not_enabled("terminal"))
    }
}
