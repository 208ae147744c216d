//! A pattern: one path or glob of a watch, relative to the root.

use std::path::{Component, Path};

use globset::{GlobBuilder, GlobMatcher};
use loopwire_channel::CommandError;

use super::braces::{ESCAPES, class};

/// How many wildcards a glob may have: `*`, `?`, `[…]`. Matching takes time in proportion to them and to the length of the
/// path, so this is a bound on what one change costs.
const MAX_WILDCARDS: usize = 32;

/// How many `**` of them. Each doubles what a matcher has to keep in mind at every separator.
const MAX_RECURSIVE: usize = 8;

/// The longest glob. Paths without wildcards may be as long as the system's.
const MAX_GLOB_BYTES: usize = 1_024;

/// The longest path: the limit of Linux.
const MAX_PATH_BYTES: usize = 4_096;

/// A path, or a glob that begins with one.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The part without wildcards, relative to the root, with `/` between names; empty for the root.
    base: String,
    /// What must match behind it; without it the path itself is meant, and everything in it.
    rest: Option<GlobMatcher>,
    /// What must match behind it for what lies in a directory that `rest` matches.
    inside: Option<GlobMatcher>,
    /// How many directories below `base` the glob reaches; `None` for all.
    depth: Option<usize>,
}

impl Pattern {
    /// Reads a path or glob without braces. `text` is relative to the root already.
    ///
    /// # Errors
    /// `BAD_MESSAGE`, `PATH_OUTSIDE`.
    pub(crate) fn parse(text: &str) -> Result<Self, CommandError> {
        if text.len() > MAX_PATH_BYTES {
            return Err(wrong(text, "it is too long"));
        }
        if text.contains('\0') {
            return Err(wrong(text, "it contains a NUL character"));
        }
        let (base, rest) = split(text);
        let base = normal(&unescaped(base)).ok_or_else(|| outside(text))?;
        let Some(rest) = rest else {
            let depth = None;
            return Ok(Self {
                base,
                rest: None,
                inside: None,
                depth,
            });
        };
        let rest = rest.trim_matches('/');
        check(rest).map_err(|reason| wrong(text, &reason))?;
        let recursive = rest.split('/').any(|part| part == "**");
        let depth = (!recursive).then(|| rest.matches('/').count());
        let matcher = |glob: &str| {
            let glob = GlobBuilder::new(glob)
                .literal_separator(true)
                .backslash_escape(ESCAPES)
                .build()
                .map_err(|error| wrong(text, &error.kind().to_string()))?;
            Ok(glob.compile_matcher())
        };
        let inside = matcher(&format!("{rest}/**"))?;
        let rest = matcher(rest)?;
        Ok(Self {
            base,
            rest: Some(rest),
            inside: Some(inside),
            depth,
        })
    }

    /// The part without wildcards, relative to the root.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The same pattern behind another path: where a link in `base` leads to.
    pub(crate) fn rebase(&mut self, base: String) {
        self.base = base;
    }

    /// How many names its base has.
    pub(crate) fn names(&self) -> usize {
        match self.base.is_empty() {
            true => 0,
            false => 1 + self.base.matches('/').count(),
        }
    }

    /// The same pattern as a line of a `.gitignore` in the root.
    pub(crate) fn ignore_line(&self) -> String {
        let mut line = String::from("/");
        for character in self.base.chars() {
            if matches!(character, '\\' | '*' | '?' | '[' | ' ') {
                line.push('\\');
            }
            line.push(character);
        }
        if let Some(rest) = &self.rest {
            if line.len() > 1 {
                line.push('/');
            }
            line.push_str(rest.glob().glob());
        }
        line
    }

    /// How many directories below its base it reaches; `None` for all.
    pub(crate) const fn depth(&self) -> Option<usize> {
        self.depth
    }

    /// Whether it matches a path that is relative to the root, with `/` between names.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let Some(behind) = behind(path, &self.base) else {
            return false;
        };
        match &self.rest {
            None => true,
            Some(rest) => !behind.is_empty() && rest.is_match(behind),
        }
    }

    /// Whether it matches a path or a directory above it: the patterns that take something away work so.
    pub(crate) fn covers(&self, path: &str) -> bool {
        let lies_in = |inside: &GlobMatcher| {
            behind(path, &self.base).is_some_and(|behind| inside.is_match(behind))
        };
        self.matches(path) || self.inside.as_ref().is_some_and(lies_in)
    }
}

/// The part of a path behind a directory, if it lies there. Empty for the directory itself.
fn behind<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    if directory.is_empty() {
        return Some(path);
    }
    let behind = path.strip_prefix(directory)?;
    match behind.strip_prefix('/') {
        None if behind.is_empty() => Some(behind),
        inside => inside,
    }
}

/// The part of a glob without wildcards, up to a separator, and the rest.
fn split(text: &str) -> (&str, Option<&str>) {
    let (mut separator, mut at) = (0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'\\' if ESCAPES => at += 1,
            b'/' => separator = at,
            b'*' | b'?' | b'[' => return (&text[..separator], Some(&text[separator..])),
            _ => {}
        }
        at += 1;
    }
    (text, None)
}

/// A text without its backslashes, except those that stand behind another.
fn unescaped(text: &str) -> String {
    if !ESCAPES {
        return text.replace('\\', "/");
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(one) = characters.next() {
        plain.extend(if one == '\\' {
            characters.next()
        } else {
            Some(one)
        });
    }
    plain
}

/// A relative path without `.`, `..` and doubled separators. `None` if it leads out of the root.
pub(super) fn normal(path: &str) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
            Component::CurDir => {}
            Component::ParentDir => drop(names.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(names.join("/"))
}

/// Checks the part of a glob that has wildcards.
fn check(rest: &str) -> Result<(), String> {
    if rest.len() > MAX_GLOB_BYTES {
        return Err(format!(
            "a path with wildcards may have {MAX_GLOB_BYTES} bytes"
        ));
    }
    if rest.split('/').any(|part| part == "..") {
        return Err("`..` cannot stand behind a wildcard".to_owned());
    }
    let (mut wildcards, mut at) = (0_usize, 0);
    while let Some(byte) = rest.as_bytes().get(at) {
        match byte {
            b'\\' if ESCAPES => at += 1,
            b'*' | b'?' => wildcards += 1,
            b'[' => {
                wildcards += 1;
                at += class(&rest[at..]);
            }
            _ => {}
        }
        at += 1;
    }
    let recursive = rest.matches("**").count();
    match wildcards > MAX_WILDCARDS || recursive > MAX_RECURSIVE {
        true => Err(format!(
            "it has more than {MAX_WILDCARDS} wildcards, or more than {MAX_RECURSIVE} `**`"
        )),
        false => Ok(()),
    }
}

/// A path that cannot be used. The client's text is shortened: it is its own, but it may be long.
pub(super) fn wrong(text: &str, reason: &str) -> CommandError {
    const MOST: usize = 100;
    let end = text.char_indices().nth(MOST).map(|(at, _)| at);
    let shown = end.map_or_else(|| text.to_owned(), |end| format!("{}…", &text[..end]));
    CommandError::new(
        "BAD_MESSAGE",
        format!("the path {shown:?} cannot be used: {reason}"),
    )
    .at(text)
}

pub(super) fn outside(text: &str) -> CommandError {
    CommandError::new("PATH_OUTSIDE", "the path leads out of the workspace").at(text)
}
