//! The saved data of one directory, for those who change and await it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::entry::Saved;
use super::error::StoreError;
use super::file::Disk;
use super::state::SavedState;
use super::writer::{Progress, Writer};

/// The saved data of one directory. Clones are handles to the same; when the last one is dropped, what is pending
/// is written and the directory released, as by [`Store::close`].
#[derive(Clone)]
pub(crate) struct Store(Arc<StoreShared>);

struct StoreShared {
    /// Where, as `canonicalize` has it.
    dir: Option<PathBuf>,
    state: watch::Sender<SavedState>,
    progress: watch::Receiver<Progress>,
    notice: Option<String>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.0.state.borrow();
        f.debug_struct("Store")
            .field("ports", &state.ports.len())
            .field("version", &state.version)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Takes the directory, which is made if it is missing, and reads what was saved in it. Blocks, but shortly.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Newer`], [`StoreError::Io`]. A damaged file is none: see
    /// [`Store::notice`].
    pub(crate) fn open(dir: &Path, handle: &Handle) -> Result<Self, StoreError> {
        let (disk, read) = Disk::open(dir)?;
        let ports = read.ports.into_iter();
        let state = SavedState {
            ports: ports.map(|saved| (saved.port, Arc::new(saved))).collect(),
            // What had to be recovered is written at once: until then one more fault would be the last.
            version: u64::from(read.notice.is_some()),
            closing: false,
        };
        let (state, wanted) = watch::channel(state);
        let (reached, progress) = watch::channel(Progress::default());
        handle.spawn(Writer::new(disk, wanted, reached).run());
        Ok(Self(Arc::new(StoreShared {
            dir: dir.canonicalize().ok(),
            state,
            progress,
            notice: read.notice,
        })))
    }

    /// Whether it is that directory's.
    pub(crate) fn is_at(&self, dir: &Path) -> bool {
        self.0.dir.is_some() && self.0.dir == dir.canonicalize().ok()
    }

    /// What was wrong with the file, for the log; `None` if all of it was read.
    pub(crate) fn notice(&self) -> Option<&str> {
        self.0.notice.as_deref()
    }

    /// Adds ports, or replaces them. The version to await with [`Store::saved`].
    pub(crate) fn put(&self, entries: impl IntoIterator<Item = Saved>) -> u64 {
        // Outside of the lock: an iterator may do anything.
        let entries: Vec<_> = entries.into_iter().map(Arc::new).collect();
        self.change(|state| {
            let mut changed = false;
            for entry in entries {
                if state.ports.get(&entry.port) != Some(&entry) {
                    state.ports.insert(entry.port, entry);
                    changed = true;
                }
            }
            changed
        })
    }

    /// Takes ports out; unknown ones are ignored. The version to await with [`Store::saved`].
    pub(crate) fn forget(&self, ports: impl IntoIterator<Item = u16>) -> u64 {
        let ports: Vec<_> = ports.into_iter().collect();
        self.change(|state| {
            let before = state.ports.len();
            for port in ports {
                state.ports.remove(&port);
            }
            state.ports.len() != before
        })
    }

    /// Takes everything out, of the kept copy too. The version to await with [`Store::saved`].
    pub(crate) fn clear(&self) -> u64 {
        self.change(|state| {
            state.ports.clear();
            // Even if there was nothing: a write of nothing is what removes the copies.
            true
        })
    }

    /// What is saved, or about to be, in the order of the ports.
    pub(crate) fn all(&self) -> Vec<Saved> {
        let state = self.0.state.borrow();
        state
            .ports
            .values()
            .map(|saved| (**saved).clone())
            .collect()
    }

    /// Whether that port is saved.
    pub(crate) fn has(&self, port: u16) -> bool {
        self.0.state.borrow().ports.contains_key(&port)
    }

    /// Resolves when that version or a later one is on the disk.
    ///
    /// # Errors
    /// Why the attempt to write it failed; it is made again later all the same. [`StoreError::Closed`] if it will
    /// never be made.
    pub(crate) async fn saved(&self, version: u64) -> Result<(), StoreError> {
        // A number of another directory's: what was saved there is here by now, and nothing newer is asked for.
        let version = version.min(self.0.state.borrow().version);
        let mut progress = self.0.progress.clone();
        let outcome = progress
            .wait_for(|progress| progress.tried >= version)
            .await;
        let Ok(progress) = outcome else {
            return Err(StoreError::Closed);
        };
        match &progress.error {
            Some(error) if progress.written < version => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Writes what is pending, once, and releases the directory. May be called again. Later changes stay in memory.
    pub(crate) async fn close(&self) {
        self.0.state.send_modify(|state| state.closing = true);
        let mut progress = self.0.progress.clone();
        // The writer drops its end when the directory is free.
        while progress.changed().await.is_ok() {}
    }

    fn change(&self, change: impl FnOnce(&mut SavedState) -> bool) -> u64 {
        let mut version = 0;
        self.0.state.send_if_modified(|state| {
            let changed = change(state);
            state.version += u64::from(changed);
            version = state.version;
            changed
        });
        version
    }
}

#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
