//! Whether a list has changed: the file is looked at once a second.
//!
//! Polling works on every file system, including network and container mounts, and with editors that write a new file
//! and rename it.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::entries;
use super::read::read;

/// How often the file is looked at. One second: soon enough for a person, and one `stat` costs nothing.
const POLL: Duration = Duration::from_secs(1);

/// How old a file's time stamp must be before an equal stamp means an equal file. Two seconds: the coarsest file
/// system clock in use (FAT).
const SETTLED: Duration = Duration::from_secs(2);

/// The state of a list at the last look.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    path: Arc<Path>,
    seen: Seen,
    /// When to look next: kept, so that it is reached even if the future is dropped and made again.
    next: Option<Instant>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    stamp: Option<Stamp>,
    /// Whether a later edit must have another stamp.
    settled: bool,
    /// A hash of the bytes; `None` if they were not a list.
    content: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl Watch {
    /// Starts from the file as it is now.
    pub(super) fn new(path: Arc<Path>) -> Self {
        let seen = look(&path, &Seen::default()).unwrap_or_default();
        Self {
            path,
            seen,
            next: None,
        }
    }

    /// Resolves at the next look: true if the list has changed. An invalid list is no change.
    pub(super) async fn looked(&mut self) -> bool {
        let next = *self.next.get_or_insert_with(|| Instant::now() + POLL);
        tokio::time::sleep_until(next).await;
        let (path, seen) = (Arc::clone(&self.path), self.seen.clone());
        let looked = tokio::task::spawn_blocking(move || look(&path, &seen)).await;
        self.next = None;
        let Ok(Some(now)) = looked else {
            return false;
        };
        let before = std::mem::replace(&mut self.seen, now);
        before.content != self.seen.content
    }
}

/// The list as it is now; `None` if its stamp has not changed, or it is not a list.
fn look(path: &Path, seen: &Seen) -> Option<Seen> {
    // The stamp is read first: an edit between the two reads gives another stamp at the next look.
    let metadata = std::fs::metadata(path).ok()?;
    let modified = metadata.modified().ok();
    let stamp = Stamp {
        modified,
        length: metadata.len(),
        inode: inode(&metadata),
    };
    if seen.settled && seen.stamp.as_ref() == Some(&stamp) {
        return None;
    }
    let settled = modified.is_some_and(|modified| {
        let now = SystemTime::now();
        let age = now.duration_since(modified);
        age.unwrap_or_else(|error| error.duration()) > SETTLED
    });
    let bytes = read(path).ok()?;
    entries::list(&bytes).ok()?;
    let mut hasher = DefaultHasher::new();
    hasher.write(&bytes);
    Some(Seen {
        stamp: Some(stamp),
        settled,
        content: Some(hasher.finish()),
    })
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// Other systems have no inode.
#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}
