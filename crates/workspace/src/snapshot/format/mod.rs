//! What a snapshot is in the repository: a commit without a parent, kept by `refs/snapshots/<number>`.
//!
//! Its tree has two entries:
//! - `files`: the files of the workspace as git holds them. It is missing if there are none.
//! - `permissions`: a blob with what git's tree cannot hold: all permission bits, and empty directories.
//!
//! Its message is the user's, and a last paragraph of trailers.

mod message;
mod reference;

pub(super) use message::Note;
pub(super) use reference::{NAMESPACE, Reference, reference};

/// The entry of a snapshot's tree that has the workspace's files.
pub(super) const FILES: &str = "files";

/// The entry with the permissions and the empty directories.
pub(super) const PERMISSIONS: &str = "permissions";

/// The tree without entries, which git knows in every repository.
pub(super) const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// The author and committer of every snapshot: the user's name is in a configuration that is not read.
pub(super) const IDENTITY: &str = "Loopwire <snapshots@loopwire.invalid>";
