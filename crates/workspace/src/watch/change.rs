//! A change of a file, as clients and the application hear of it.

use std::borrow::Cow;
use std::path::{MAIN_SEPARATOR, Path};
use std::time::SystemTime;

use loopwire_channel::json;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::watcher::{Change, ChangeKind};

/// A change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The absolute path. A name that is not UTF-8 has U+FFFD in the place of what is not.
    pub path: String,
    /// What happened: `created`, `modified`, `deleted` or `renamed`.
    pub kind: &'static str,
    /// The size in bytes; 0 for what is gone, and for directories.
    pub size: u64,
    /// When it was seen.
    pub at: SystemTime,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Of `renamed`: the path that it had.
    pub old_path: Option<String>,
}

impl FileChange {
    pub(super) fn new(change: &Change, root: &Path) -> Self {
        let text = |path: &Path| match path.as_os_str().is_empty() {
            true => root.to_string_lossy().into_owned(),
            false => root.join(path).to_string_lossy().into_owned(),
        };
        Self {
            path: text(&change.path),
            kind: name(change.kind),
            size: change.size,
            at: change.at,
            is_directory: change.is_directory,
            old_path: change.old_path.as_deref().map(text),
        }
    }

    /// When it was seen, as in `file:changed`.
    #[must_use]
    pub fn timestamp(&self) -> String {
        json::timestamp(self.at)
    }

    /// A rename for somebody who does not see where the file was before.
    pub(super) fn arrived(self, replaced: bool) -> Self {
        Self {
            kind: name(ChangeKind::arrival(replaced)),
            old_path: None,
            ..self
        }
    }

    /// A rename for somebody who does not see where the file is now.
    pub(super) fn gone(self) -> Self {
        Self {
            kind: name(ChangeKind::Deleted),
            size: 0,
            path: self.old_path.unwrap_or(self.path),
            old_path: None,
            ..self
        }
    }
}

pub(super) const fn name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Created => "created",
        ChangeKind::Modified => "modified",
        ChangeKind::Deleted => "deleted",
        ChangeKind::Renamed => "renamed",
    }
}

/// The data of `file:changed`.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangedData<'a> {
    #[serde(borrow)]
    pub(super) path: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) change_type: Cow<'a, str>,
    pub(super) size: u64,
    #[serde(borrow)]
    pub(super) timestamp: Cow<'a, str>,
    #[serde(default)]
    pub(super) is_directory: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) old_path: Option<Cow<'a, str>>,
    /// Of `renamed`, and only there if it is `true`: something else had the new path before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) replaced: bool,
    /// How many names of the path, from the root on, are hidden by an ignore rule. Only there if one is.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) ignored: usize,
    /// The ids of the watches that it is for, if their client asked for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) watches: Vec<Value>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(value: &usize) -> bool {
    *value == 0
}

impl<'a> ChangedData<'a> {
    pub(super) fn new(change: &'a FileChange, replaced: bool, ignored: usize) -> Self {
        Self {
            path: Cow::from(&change.path),
            change_type: Cow::from(change.kind),
            size: change.size,
            timestamp: Cow::from(change.timestamp()),
            is_directory: change.is_directory,
            old_path: change.old_path.as_deref().map(Cow::from),
            replaced,
            ignored,
            watches: Vec::new(),
        }
    }
}

/// A path relative to the root, with `/` between names, as patterns see it. `None` if it lies outside.
pub(super) fn relative<'a>(path: &'a str, root: &str) -> Option<Cow<'a, str>> {
    let rest = path.strip_prefix(root)?;
    let inside = match rest.strip_prefix(MAIN_SEPARATOR) {
        None if rest.is_empty() || root.ends_with(MAIN_SEPARATOR) => rest,
        inside => inside?,
    };
    Some(match MAIN_SEPARATOR {
        '/' => Cow::from(inside),
        separator => Cow::from(inside.replace(separator, "/")),
    })
}

/// A relative path with `/` between names, as patterns see it.
pub(super) fn slashed(path: &Path) -> String {
    let names = path
        .components()
        .map(|one| one.as_os_str().to_string_lossy());
    names.collect::<Vec<_>>().join("/")
}
