//! Scopes: which part of the tree somebody wants to hear of.

use std::path::PathBuf;

/// A part of the tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// A directory, relative to the root; empty is the root. It need not exist yet. It is watched although a rule hides
    /// it or a parent of it: it was named. Below it the rules apply.
    pub(crate) base: PathBuf,
    /// How many levels of directories below `base` are covered: 0 is `base` alone with what is directly in it, `None`
    /// is all.
    pub(crate) depth: Option<usize>,
    /// What is left out before a watch is taken.
    pub(crate) ignore: Ignore,
}

/// What a scope leaves out.
#[derive(Clone, Debug)]
pub(crate) struct Ignore {
    /// Whether the default ignores, `.gitignore` files and `.git/info/exclude` apply.
    pub(crate) rules: bool,
    /// Further patterns in the syntax of `.gitignore`, relative to the root. Directories that they match are not
    /// watched for this scope.
    pub(crate) patterns: Vec<String>,
}

impl Default for Ignore {
    fn default() -> Self {
        Self {
            rules: true,
            patterns: Vec::new(),
        }
    }
}
