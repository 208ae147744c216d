//! Which directories a scope wants to hear of.

use std::path::Path;

use crate::watcher::rules::Rules;
use crate::watcher::scope::Scope;

/// A scope that is covered.
pub(super) struct CoreScope {
    scope: Scope,
    /// The number of components of its base.
    level: usize,
    patterns: Option<Rules>,
}

impl CoreScope {
    pub(super) fn new(scope: Scope) -> Self {
        let patterns = &scope.ignore.patterns;
        let patterns =
            (!patterns.is_empty()).then(|| Rules::new(patterns.iter().map(|one| &**one)));
        Self {
            level: scope.base.components().count(),
            patterns,
            scope,
        }
    }

    /// Whether it wants to hear of a directory. Those on the way to its base are wanted, too: the base may come and go.
    pub(super) fn wants(&self, path: &Path, hidden: usize) -> bool {
        if self.scope.base.starts_with(path) {
            return true;
        }
        let Ok(below) = path.strip_prefix(&self.scope.base) else {
            return false;
        };
        let deep = (self.scope.depth).is_some_and(|depth| below.components().count() > depth);
        let hides = self.scope.ignore.rules && hidden > self.level;
        let patterns = self.patterns.as_ref();
        !deep && !hides && !patterns.is_some_and(|patterns| patterns.hides_directory(path))
    }
}
