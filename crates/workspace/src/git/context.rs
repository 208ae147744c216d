//! What every run of git in a workspace has in common: where it may reach, and what it must not run.

use std::path::{Path, PathBuf};

use loopwire_channel::CommandError;

use crate::options::GitProtocol;
use crate::root::Root;

use super::tool::{Invocation, Setting, Tool};

/// Settings that hold whatever a configuration says.
const SETTINGS: [(&str, &str); 8] = [
    // A program that a repository names, or a daemon that would outlive the operation.
    ("core.fsmonitor", "false"),
    // Git's own maintenance is done while the operation lasts, and ends with it.
    ("gc.autoDetach", "false"),
    ("maintenance.autoDetach", "false"),
    // Submodules are other repositories, with hooks and a configuration of their own.
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("push.recurseSubmodules", "no"),
    // Messages name files as they are.
    ("core.quotePath", "false"),
    ("color.ui", "false"),
];

/// No directory, so that it holds no hook. Git for Windows knows it as well.
const NO_HOOKS: (&str, &str) = ("core.hooksPath", "/dev/null");

/// What every run of git has in common.
pub(super) struct Context {
    pub(super) root: Root,
    pub(super) tool: Tool,
    pub(super) protocols: Vec<GitProtocol>,
    /// Whether hooks and what configurations name run, as in the user's own git.
    pub(super) trusted: bool,
}

impl Context {
    /// A run of git in that directory. Its hooks run only with `hooks`.
    pub(super) fn invocation(
        &self,
        directory: PathBuf,
        hooks: bool,
        arguments: &[&str],
    ) -> Invocation {
        let setting =
            |(key, value): (&str, &str)| -> Setting { (key.to_owned(), value.to_owned()) };
        let mut settings: Vec<_> = SETTINGS.into_iter().map(setting).collect();
        if !hooks && !self.trusted {
            settings.push(setting(NO_HOOKS));
        }
        let protocols: Vec<_> = self.protocols.iter().map(|one| one.name()).collect();
        let mut variables = vec![(
            "GIT_ALLOW_PROTOCOL".into(),
            Some(protocols.join(":").into()),
        )];
        // No repository is looked for above the root.
        let above = self.root.path().parent().map(Path::as_os_str);
        variables.push(("GIT_CEILING_DIRECTORIES".into(), above.map(Into::into)));
        Invocation {
            directory,
            settings,
            arguments: arguments.iter().map(Into::into).collect(),
            variables,
        }
    }
}

/// Runs work that blocks on the disk in a thread for such work.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CommandError> + Send + 'static,
) -> Result<T, CommandError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(CommandError::new(
            "CANCELLED",
            "the application has closed the workspace",
        )),
    }
}
