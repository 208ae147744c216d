//! What is asked of snapshots and what is told of them: the types that are the same on every system.

use std::time::Duration;

use loopwire_channel::CommandError;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::shapes::Kind;

/// The most snapshots in a list. With long messages it has some megabytes.
pub const MAX_LISTED: usize = 1_000;

/// The most paths of a difference that are listed.
pub const MAX_CHANGES: usize = 10_000;

/// The longest message: a text for people, not a document.
const MAX_MESSAGE_BYTES: usize = 16 << 10;

/// How many snapshots are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// The most snapshots; without a limit if `None`.
    pub count: Option<u64>,
    /// How old one may be; without a limit if `None`.
    pub age: Option<Duration>,
}

/// What snapshot to take.
#[derive(Clone, Debug, Default)]
pub struct SnapshotOrder {
    /// The user's text.
    pub message: Option<String>,
    /// Which older ones are kept, besides the limits of the workspace.
    pub keep: Keep,
    /// The id of the client's command, which its events get.
    pub id: Option<Value>,
}

impl SnapshotOrder {
    /// Refuses a message that cannot be stored.
    ///
    /// # Errors
    /// `BAD_MESSAGE`.
    pub fn check(&self) -> Result<(), CommandError> {
        let wrong = |sentence| Err(CommandError::new("BAD_MESSAGE", sentence));
        match &self.message {
            Some(text) if text.len() > MAX_MESSAGE_BYTES => {
                wrong("the message is too long: at most 16 KiB")
            }
            Some(text) if text.contains('\0') => wrong("the message contains a NUL character"),
            _ => Ok(()),
        }
    }
}

/// A snapshot in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotEntry {
    /// Names the snapshot.
    pub commit_hash: String,
    /// The message that it was taken with; empty without one.
    pub message: String,
    /// When it was taken, as a timestamp.
    pub created_at: String,
    /// The number of files and links that it holds.
    pub files: u64,
    /// The bytes of them.
    pub bytes: u64,
    /// How it came to be.
    #[serde(serialize_with = "kind")]
    pub kind: Kind,
}

fn kind<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

/// What has become of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeType {
    /// It was not there before.
    Created,
    /// It has other contents, another kind or other permissions.
    Modified,
    /// It is not there any more.
    Deleted,
    /// It had another path, with the same contents or much of them.
    Renamed,
}

impl ChangeType {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
            Self::Renamed => "renamed",
        }
    }
}

/// A path that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Its path relative to the root. Bytes that are not UTF-8 are U+FFFD.
    pub path: String,
    /// What has become of it.
    pub change_type: ChangeType,
    /// Its path before, if it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_path: Option<String>,
    /// Its size, unless it is gone.
    pub size: Option<u64>,
    /// Its size before, unless it was not there.
    pub old_size: Option<u64>,
}

/// The difference between two snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The paths that differ, in the order of their bytes.
    pub changes: Vec<Change>,
    /// How many differ.
    pub total: u64,
    /// Whether `changes` has only the first of them.
    pub truncated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_cannot_be_stored_is_refused() {
        let check = |message: &str| {
            let message = Some(message.to_owned());
            let order = SnapshotOrder {
                message,
                ..SnapshotOrder::default()
            };
            order.check().map_err(|refusal| refusal.code)
        };
        assert_eq!(check("before the upgrade"), Ok(()));
        assert_eq!(check(&"x".repeat(MAX_MESSAGE_BYTES)), Ok(()));
        for bad in ["a\0b", &"x".repeat(MAX_MESSAGE_BYTES + 1)] {
            assert_eq!(check(bad), Err("BAD_MESSAGE".into()));
        }
    }
}
