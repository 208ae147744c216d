//! The default ignores: one list.

use std::ffi::OsStr;
use std::sync::LazyLock;

use super::rules::Rules;

/// What nobody wants to hear of unless they name it: where package managers, version control and build tools put what
/// they make, and what editors write on the way to a saved file. A `.gitignore` can take a name back (`!dist`).
///
/// `target` is left out: Cargo and Maven write a `.gitignore` line for it, and elsewhere it is an ordinary name.
const DEFAULTS: &[&str] = &[
    // Packages. Tens of thousands of directories each.
    "node_modules/",
    // Version control: many changes for one command of a person. The watches of git have an event of their own.
    ".git",
    ".svn",
    ".hg",
    // What interpreters and tools keep for themselves.
    "__pycache__/",
    ".pytest_cache/",
    ".mypy_cache/",
    // What builds make.
    ".next/",
    ".nuxt/",
    "dist/",
    "build/",
    // What the system writes.
    ".DS_Store",
    // What editors write: vim's swap files and its probe of a directory, and backups.
    "*.swp",
    "*.swo",
    "*~",
    "4913",
    // The temporary files of `file:write`.
    ".loopwire-*.tmp",
];

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::new(DEFAULTS.iter().copied()));

/// The default ignores.
pub(crate) fn defaults() -> &'static Rules {
    &RULES
}

/// Whether no `.gitignore` can take the name back.
pub(crate) fn is_own(name: &OsStr) -> bool {
    name == ".git"
}
