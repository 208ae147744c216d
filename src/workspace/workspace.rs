//! `openWorkspace`: the native half of a workspace.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::CommandError;
use loopwire_runtime::{GitAsker, GitProtocol, Runtime, Watch, Workspace, WorkspaceOptions};
use napi::ValueType;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::env::environment;
use super::git::{NativeGitOperation, repository, request as git_request};
use super::terminal::{NativeTerminal, spawn};
use super::watch::{NativeFileWatch, request as watch_request};
use crate::node::{
    Answer, Class, Environment, Failure, NativeCancel, Outcome, Waker, args, promised, throwing,
};

const KNOWN: [&str; 20] = [
    "terminal",
    "files",
    "watch",
    "git",
    "gitProtocols",
    "trustRepositories",
    "snapshots",
    "snapshotDir",
    "maxSnapshots",
    "maxSnapshotAgeMs",
    "maxSnapshotFiles",
    "maxSnapshotFileBytes",
    "shell",
    "env",
    "detachMs",
    "scrollbackBytes",
    "maxTerminals",
    "maxWatches",
    "maxFileBytes",
    "maxOutputBytes",
];

/// The largest whole number of JavaScript.
pub(super) const MAX_NUMBER: u64 = (1 << 53) - 1;

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
    pub fn new(env: Env, root: Unknown<'_>, options: Unknown<'_>) -> Result<Self> {
        let checked = path(root, "root").and_then(|root| Ok((root, parse(options)?)));
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
    pub fn terminal<'env>(&self, env: &'env Env, options: Unknown<'_>) -> Result<Object<'env>> {
        let wanted = throwing(env, spawn(options))?;
        let cwd = wanted.cwd.clone();
        let refused = move |refusal| refused_in(&refusal, cwd.as_deref());
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
        path: Unknown<'_>,
        cancel: Option<&NativeCancel>,
    ) -> Result<Object<'env>> {
        let path = throwing(env, args::string(path, "path"))?;
        let workspace = self.workspace.clone();
        let cancel = cancel.map(NativeCancel::token).unwrap_or_default();
        promised(env, &self.runtime, async move {
            let files = workspace.files().ok_or_else(|| not_enabled("files"))?;
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
        path: Unknown<'_>,
        data: Unknown<'_>,
        options: Unknown<'_>,
        cancel: Option<&NativeCancel>,
    ) -> Result<Object<'env>> {
        let checked = args::string(path, "path").and_then(|path| {
            let mut mode = None;
            for (_, value) in args::options(options, "options", &["mode"])? {
                let bits = args::integer(value, "options.mode", 0..=0o777)?;
                mode = u32::try_from(bits).ok();
            }
            Ok((path, args::bytes(data, "data")?, mode))
        });
        let (path, data, mode) = throwing(env, checked)?;
        let workspace = self.workspace.clone();
        let cancel = cancel.map(NativeCancel::token).unwrap_or_default();
        promised(env, &self.runtime, async move {
            let files = workspace.files().ok_or_else(|| not_enabled("files"))?;
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
        paths: Unknown<'_>,
        options: Unknown<'_>,
        wake: Function<'_, (), ()>,
    ) -> Result<NativeFileWatch> {
        let watching = watch_request(paths, options).and_then(|request| {
            let watches = self.workspace.watches();
            let watches = watches.ok_or_else(|| not_enabled("watch"))?;
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
        options: Unknown<'_>,
        asks: bool,
        only_check: bool,
    ) -> Result<Option<NativeGitOperation>> {
        let asker = asks.then(GitAsker::default);
        let request = throwing(&env, git_request(&kind, options, asker.clone()))?;
        let path = repository(&request.action).to_owned();
        if only_check {
            return Ok(None);
        }
        let git = self.workspace.git().ok_or_else(|| not_enabled("git"));
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

    fn terminals(&self) -> Outcome<&loopwire_runtime::Terminals> {
        let terminals = self.workspace.terminals();
        terminals.ok_or_else(|| not_enabled("terminal"))
    }
}

/// A refusal of a command in that directory: it is named if the refusal is about it.
fn refused_in(refusal: &CommandError, cwd: Option<&str>) -> Failure {
    let cause = refusal.cause.as_ref();
    let is_of_path = cause.is_some_and(|cause| cause.syscall.is_none());
    match cwd {
        Some(cwd) if is_of_path || refusal.code.starts_with("PATH_") => {
            Failure::refused_at(&refusal.clone().during("open"), cwd)
        }
        _ => Failure::refused(refusal),
    }
}

pub(super) fn not_enabled(option: &str) -> Failure {
    let message = format!("the workspace was opened with {option}: false");
    Failure::new(Class::Error, "NOT_ENABLED", message)
}

fn path(value: Unknown<'_>, name: &str) -> Outcome<PathBuf> {
    let path = args::string(value, name)?;
    if path.is_empty() || path.contains('\0') {
        let message = format!("{name} must be the path of a directory");
        return Err(Failure::invalid(message));
    }
    Ok(PathBuf::from(path))
}

fn parse(given: Unknown<'_>) -> Outcome<WorkspaceOptions> {
    let mut options = WorkspaceOptions::default();
    for (key, value) in args::options(given, "options", &KNOWN)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
            "terminal" => options.terminal = args::boolean(value, name)?,
            "files" => options.files = args::boolean(value, name)?,
            "watch" => options.watch = watch(value, name)?,
            "git" => options.git = args::boolean(value, name)?,
            "gitProtocols" => options.git_protocols = protocols(value, name)?,
            "trustRepositories" => options.trust_repositories = args::boolean(value, name)?,
            "snapshots" => options.snapshots = args::boolean(value, name)?,
            "snapshotDir" => options.snapshot_dir = Some(path(value, name)?),
            "maxSnapshots" => options.max_snapshots = for_ever(value, name, 1..=MAX_NUMBER)?,
            "maxSnapshotAgeMs" => {
                let age = for_ever(value, name, 0..=MAX_NUMBER)?;
                options.max_snapshot_age = age.map(Duration::from_millis);
            }
            "maxSnapshotFiles" => {
                options.max_snapshot_files = args::integer(value, name, 1..=MAX_NUMBER)?
            }
            "maxSnapshotFileBytes" => {
                options.max_snapshot_file_bytes = args::integer(value, name, 1..=1 << 50)?
            }
            "shell" => options.shell = Some(shell(value, name)?),
            "env" => options.env = environment(value, name)?,
            "detachMs" => {
                options.detach = for_ever(value, name, 0..=args::DAY)?.map(Duration::from_millis)
            }
            // Less would not hold one screen; the upper bound keeps a mistake from using all memory.
            "scrollbackBytes" => {
                options.scrollback_bytes = args::size(value, name, 4_096..=1 << 28)?
            }
            "maxTerminals" => options.max_terminals = args::size(value, name, 1..=4_096)?,
            "maxWatches" => options.max_watches = args::size(value, name, 1..=4_096)?,
            "maxFileBytes" => options.max_file_bytes = args::integer(value, name, 1..=1 << 50)?,
            _ => options.max_output_bytes = for_ever(value, name, 1..=1 << 50)?,
        }
    }
    Ok(options)
}

/// A number inside the range, or `Infinity`.
pub(super) fn for_ever(
    value: Unknown<'_>,
    name: &str,
    range: std::ops::RangeInclusive<u64>,
) -> Outcome<Option<u64>> {
    if args::number(value, name)? == f64::INFINITY {
        return Ok(None);
    }
    args::integer(value, name, range).map(Some)
}

fn watch(value: Unknown<'_>, name: &str) -> Outcome<Watch> {
    let wrong = || Failure::invalid(format!("{name} must be 'auto', 'onDemand' or false"));
    match value.get_type() {
        Ok(ValueType::Boolean) => match args::boolean(value, name)? {
            false => Ok(Watch::Off),
            true => Err(wrong()),
        },
        _ => match args::string(value, name)?.as_str() {
            "auto" => Ok(Watch::Auto),
            "onDemand" => Ok(Watch::OnDemand),
            _ => Err(wrong()),
        },
    }
}

fn protocols(value: Unknown<'_>, name: &str) -> Outcome<Vec<GitProtocol>> {
    let names = args::strings(value, name)?;
    let known = || GitProtocol::ALL.map(GitProtocol::name).join("', '");
    let protocol = |given: &String| {
        GitProtocol::named(given)
            .ok_or_else(|| Failure::invalid(format!("{name} may have '{}'", known())))
    };
    names.iter().map(protocol).collect()
}

fn shell(value: Unknown<'_>, name: &str) -> Outcome<Vec<String>> {
    let shell = args::strings(value, name)?;
    if shell.first().is_none_or(String::is_empty) {
        let message = format!("{name} must be the path of a program and its arguments");
        return Err(Failure::invalid(message));
    }
    Ok(shell)
}
