//! What is asked of git.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::askpass::Asker;
use super::auth::Auth;

/// An operation to start.
#[derive(Clone, Debug)]
pub struct GitRequest {
    /// The operation's id; without one it gets `git-1`, `git-2` and so on.
    pub id: Option<Value>,
    /// What to do.
    pub action: Action,
    /// What to authenticate with, if that is asked for. Without it the starter is asked.
    pub auth: Option<Auth>,
    /// Answers what the operation asks for, for the application. Without it there is nobody to ask.
    pub asker: Option<Asker>,
    /// The longest time that it may take.
    pub timeout: Option<Duration>,
}

/// What git is to do. Paths are relative to the root, or absolute inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Makes a copy of a repository.
    Clone {
        /// Where the repository is.
        url: String,
        /// The directory for the copy. It must be missing or empty.
        target_dir: String,
        /// The branch or tag that is checked out, instead of the remote's own choice.
        branch: Option<String>,
        /// How many commits are copied.
        depth: Option<u32>,
    },
    /// Gets what is new in the remote repository.
    Fetch(Exchange),
    /// Gets what is new in the remote repository, and merges it into the branch that is checked out.
    Pull(Exchange),
    /// Sends commits to the remote repository.
    Push(Exchange),
    /// Checks out a branch, a tag or a commit.
    Checkout {
        /// The repository.
        repo_path: String,
        /// What to check out.
        branch: String,
        /// Whether the branch is created first.
        create: bool,
    },
}

/// A repository, and what is exchanged with its remote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// The repository.
    pub repo_path: String,
    /// The branch; without it the one that is checked out.
    pub branch: Option<String>,
    /// Push: overwrites the remote branch, if nobody else has changed it. Fetch and pull: overwrites the local copies
    /// of remote branches and tags.
    #[serde(default)]
    pub force: bool,
}
