//! The rules of one file, or of one list.

use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The name of a file with rules.
pub(crate) const GITIGNORE: &str = ".gitignore";

/// The largest file with rules that is read. A longer one is cut off: rules are looked at for each new directory.
pub(crate) const MAX_RULES_BYTES: u64 = 1 << 20;

/// Rules in the syntax of `.gitignore`, for what is beneath one directory.
#[derive(Debug)]
pub(crate) struct Rules(Gitignore);

/// What rules say of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Hidden,
    /// A negated rule shows it, whatever is said further up.
    Shown,
    /// Nothing.
    Open,
}

impl Rules {
    /// Rules from lines. One that is malformed is left out, as git does it.
    pub(crate) fn new<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut builder = GitignoreBuilder::new("");
        for line in lines {
            let _ = builder.add_line(None, line);
        }
        Self(builder.build().unwrap_or_else(|_| Gitignore::empty()))
    }

    /// The rules of a file. Nothing if it has none. Lines that are not UTF-8 are left out.
    pub(crate) fn parse(contents: &[u8]) -> Option<Self> {
        let contents = contents.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(contents);
        let lines = contents.split(|byte| *byte == b'\n');
        let lines = lines.filter_map(|line| std::str::from_utf8(line).ok());
        let rules = Self::new(lines.map(|line| line.strip_suffix('\r').unwrap_or(line)));
        (!rules.0.is_empty()).then_some(rules)
    }

    /// What the rules say of a path relative to their directory, not looking at its parents.
    pub(crate) fn verdict(&self, path: &Path, is_directory: bool) -> Verdict {
        match self.0.matched(path, is_directory) {
            Match::Ignore(_) => Verdict::Hidden,
            Match::Whitelist(_) => Verdict::Shown,
            Match::None => Verdict::Open,
        }
    }

    /// Whether the rules hide a directory or a parent of it.
    pub(crate) fn hides_directory(&self, path: &Path) -> bool {
        !path.as_os_str().is_empty() && self.0.matched_path_or_any_parents(path, true).is_ignore()
    }
}
