//! Which files a snapshot leaves out by their names.

use std::io::Read as _;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::snapshot::system::{Opened, Result, Why, open_file, path as system_path, same_name};

/// What package managers, build tools and file managers make again. A rule `!name` in a `.gitignore` file brings one back.
const DEFAULT: [&[u8]; 17] = [
    b"node_modules",
    b"bower_components",
    b"jspm_packages",
    b".pnpm-store",
    b".venv",
    b"__pycache__",
    b".pytest_cache",
    b".mypy_cache",
    b".ruff_cache",
    b".tox",
    b".gradle",
    b".next",
    b".nuxt",
    b".turbo",
    b".parcel-cache",
    b".DS_Store",
    b"Thumbs.db",
];

/// The file with rules.
pub(crate) const RULES: &[u8] = b".gitignore";

/// The most of it that is read: no person writes more.
const MAX_RULES_BYTES: usize = 1 << 20;

/// A repository's own directory, or the file that leads to it.
const REPOSITORY: &[u8] = b".git";

/// The rules in one directory, and those above it.
pub(crate) struct Rules {
    above: Option<Arc<Self>>,
    /// The length of the directory's path with its slash: rules are relative to their directory.
    prefix: usize,
    own: Gitignore,
}

/// What becomes of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Held,
    Ignored,
    /// It is never in a snapshot, and that needs no mention.
    Never,
    /// On some file systems its name is that of a repository's own directory.
    Repository,
}

impl Rules {
    /// No rules.
    pub(crate) fn none() -> Arc<Self> {
        Arc::new(Self {
            above: None,
            prefix: 0,
            own: Gitignore::empty(),
        })
    }

    /// With those of the `.gitignore` file in this directory.
    ///
    /// # Errors
    /// It could not be read at this moment: without it, the snapshot would hold what the user has excluded.
    pub(super) fn with(self: &Arc<Self>, directory: &Opened, path: &[u8]) -> Result<Arc<Self>> {
        Ok(match read(directory)? {
            Some(text) => self.with_text(&text, path),
            None => Arc::clone(self),
        })
    }

    /// With these, which are those of the directory with this path.
    pub(crate) fn with_text(self: &Arc<Self>, text: &[u8], path: &[u8]) -> Arc<Self> {
        let text = &text[..text.len().min(MAX_RULES_BYTES)];
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let text = String::from_utf8_lossy(text);
        // The root `.` means that paths are relative to the directory of the rules.
        let mut builder = GitignoreBuilder::new(".");
        // As with git, names have no case on Windows.
        let _ = builder.case_insensitive(cfg!(windows));
        for line in text.lines() {
            // A line that is no pattern matches nothing, as in git.
            let _ = builder.add_line(None, line);
        }
        match builder.build() {
            Ok(own) if !own.is_empty() => Arc::new(Self {
                above: Some(Arc::clone(self)),
                prefix: path.len() + usize::from(!path.is_empty()),
                own,
            }),
            _ => Arc::clone(self),
        }
    }

    /// What becomes of what has this path and this name.
    pub(crate) fn verdict(&self, path: &[u8], name: &[u8], is_directory: bool) -> Verdict {
        if name == REPOSITORY || is_own_temporary(name) {
            return Verdict::Never;
        }
        if name.eq_ignore_ascii_case(REPOSITORY) {
            return Verdict::Repository;
        }
        let mut rules = Some(self);
        while let Some(here) = rules {
            if !here.own.is_empty() {
                let relative = system_path(&path[here.prefix..]);
                match here.own.matched(&relative, is_directory) {
                    Match::None => {}
                    Match::Ignore(_) => return Verdict::Ignored,
                    Match::Whitelist(_) => return Verdict::Held,
                }
            }
            rules = here.above.as_deref();
        }
        match DEFAULT.iter().any(|each| same_name(each, name)) {
            true => Verdict::Ignored,
            false => Verdict::Held,
        }
    }
}

/// Whether it is a temporary file of this library: of an upload, or of a restore.
pub(crate) fn is_own_temporary(name: &[u8]) -> bool {
    name.starts_with(b".loopwire-") && name.ends_with(b".tmp")
}

/// The text of the rules. `None` if there are none: what is no file has none, nor a file that this process may not read, as in
/// git.
fn read(directory: &Opened) -> Result<Option<Vec<u8>>> {
    let file = match open_file(directory, RULES) {
        Ok(file) => file,
        Err(refused) if matches!(refused.why, Why::Exhausted | Why::InUse) => return Err(refused),
        Err(_) => return Ok(None),
    };
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let mut limited = file.take(MAX_RULES_BYTES as u64);
    limited.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
