//! Finds the repository that a path belongs to.

use std::path::{Path, PathBuf};

use loopwire_channel::CommandError;

use super::super::context::{Context, blocking};
use super::super::error::{Redactor, failure};
use super::super::tool::Output;
use super::{inside, nested};
use crate::root::Directory;

/// A repository. Its directory is held open.
pub(crate) struct Repository {
    directory: Directory,
    /// Its work tree. Without one there is nothing to check out into.
    top: Option<PathBuf>,
    /// Where `HEAD` is: another place for each work tree.
    git_dir: PathBuf,
    /// What all work trees of the repository share.
    common: PathBuf,
}

impl Repository {
    /// Finds the repository of a directory, as git does: it may be further up, but not above the root.
    pub(crate) async fn find(context: &Context, path: &str) -> Result<Self, CommandError> {
        let (root, path) = (context.root.clone(), path.to_owned());
        let directory = blocking(move || root.directory(&path)).await?;
        let at = directory.child_path();
        let ask = async |arguments: &[&str]| {
            let invocation = context.invocation(at.clone(), false, arguments);
            context.tool.ask(invocation).await
        };
        let arguments = [
            "rev-parse",
            "--is-bare-repository",
            "--absolute-git-dir",
            "--git-common-dir",
        ];
        let told = answer(&ask(&arguments).await?)?;
        let lines: Vec<_> = told.lines().collect();
        let [bare, git_dir, common] = lines[..] else {
            let sentence = "the path of the repository contains a line break";
            return Err(CommandError::new("PATH_INVALID", sentence));
        };
        let top = match bare {
            "true" => None,
            _ => Some(answer(&ask(&["rev-parse", "--show-toplevel"]).await?)?),
        };
        let paths =
            [Some(git_dir), Some(common), top.as_deref()].map(|path| path.map(str::to_owned));
        let root = context.root.clone();
        // The second one is relative to where git was started.
        let resolve = move || {
            let inside = |path: &String| inside::resolve(root.path(), &directory.path().join(path));
            let [git_dir, common, top] = paths.each_ref().map(|path| path.as_ref().map(inside));
            Ok(Self {
                top: top.transpose()?,
                git_dir: git_dir.transpose()?.unwrap_or_default(),
                common: common.transpose()?.unwrap_or_default(),
                directory,
            })
        };
        blocking(resolve).await
    }

    /// Where git is started.
    pub(crate) fn at(&self) -> PathBuf {
        self.directory.child_path()
    }

    /// Whether there is something to check out into.
    pub(crate) fn has_work_tree(&self) -> bool {
        self.top.is_some()
    }

    /// The directories in its work tree that have a repository of their own.
    pub(crate) async fn nested(&self) -> Result<Vec<PathBuf>, CommandError> {
        match self.top.clone() {
            Some(top) => blocking(move || nested::nested(&top)).await,
            None => Ok(Vec::new()),
        }
    }

    /// What the repository is known by: its work trees are one repository.
    pub(crate) fn key(&self) -> &Path {
        &self.common
    }

    /// Checks that nothing in the repository leads out of the root.
    pub(crate) async fn check_inside(&self, context: &Context) -> Result<(), CommandError> {
        let root = context.root.path().to_owned();
        let (git_dir, common) = (self.git_dir.clone(), self.common.clone());
        let trusted = context.trusted;
        let check = move || {
            inside::check_links(&root, &[&git_dir, &common])?;
            match trusted {
                true => Ok(()),
                false => inside::check_alternates(&root, &common),
            }
        };
        blocking(check).await
    }
}

/// What git has answered in one line.
fn answer(output: &Output) -> Result<String, CommandError> {
    match output.succeeded() {
        true => Ok(output.line()),
        false => Err(failure(output, &Redactor::default())),
    }
}
