//! The handle of the saved data of one directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::entry::Saved;
use super::error::StoreError;
use super::file::Disk;
use super::state::SavedState;
use super::writer::{Progress, Writer};

/// The saved data of one directory. Clones are handles to the same data; when the last one is dropped, pending
/// changes are written and the directory is released, as by [`Store::close`].
#[derive(Clone)]
pub(crate) struct Store(Arc<StoreShared>);

struct StoreShared {
    /// The canonical path.
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
    /// Locks the directory, which is created if missing, and reads what was saved in it. Blocks briefly.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Newer`], [`StoreError::Io`]. A damaged file is not an error: see
    /// [`Store::notice`].
    pub(crate) fn open(dir: &Path, handle: &Handle) -> Result<Self, StoreError> {
        let (disk, read) = Disk::open(dir)?;
        let ports = read.ports.into_iter();
        let state = SavedState {
            ports: ports.map(|saved| (saved.port, Arc::new(saved))).collect(),
            // Recovered data is written at once: until then a second fault would lose it.
            version: u64::from(read.stale),
            closing: false,
        };
        let (state, wanted) = watch::channel(state);
        let (reached, progress) = watch::channel(Progress::default());
        handle.spawn(Writer::new(disk, wanted, reached).run().boxed());
        Ok(Self(Arc::new(StoreShared {
            dir: dir.canonicalize().ok(),
            state,
            progress,
            notice: read.notice,
        })))
    }

    /// Whether it belongs to that directory.
    pub(crate) fn is_at(&self, dir: &Path) -> bool {
        self.0.dir.is_some() && self.0.dir == dir.canonicalize().ok()
    }

    /// What was wrong with the file, for the log; `None` if everything was read.
    pub(crate) fn notice(&self) -> Option<&str> {
        self.0.notice.as_deref()
    }

    /// Adds or replaces a port. Returns the version to await with [`Store::saved`], and what was saved before.
    pub(crate) fn replace(&self, entry: Saved) -> (u64, Option<Saved>) {
        let entry = Arc::new(entry);
        let mut before = None;
        let version = self.change(|state| {
            before = state.ports.insert(entry.port, Arc::clone(&entry));
            before.as_ref() != Some(&entry)
        });
        (version, before.map(|before| (*before).clone()))
    }

    /// Undoes [`Store::replace`], unless the port was removed or replaced in the meantime.
    pub(crate) fn put_back(&self, entry: &Saved, before: Option<Saved>) {
        self.change(|state| {
            let ours = state
                .ports
                .get(&entry.port)
                .is_some_and(|saved| **saved == *entry);
            match before {
                _ if !ours => {}
                Some(before) => drop(state.ports.insert(entry.port, Arc::new(before))),
                None => drop(state.ports.remove(&entry.port)),
            }
            ours
        });
    }

    /// Adds or replaces ports. Returns the version to await with [`Store::saved`].
    pub(crate) fn put(&self, entries: impl IntoIterator<Item = Saved>) -> u64 {
        // Outside the lock: an iterator may run any code.
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

    /// Removes ports; unknown ones are ignored. Returns the version to await with [`Store::saved`].
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

    /// Removes everything, from the copy too. Returns the version to await with [`Store::saved`].
    pub(crate) fn clear(&self) -> u64 {
        self.change(|state| {
            state.ports.clear();
            // Even if there was nothing: writing nothing removes the copies.
            true
        })
    }

    /// What is saved or about to be saved, ordered by port.
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
    /// Why the write failed; it is retried later all the same. [`StoreError::Closed`] if it will never
    /// be written.
    pub(crate) async fn saved(&self, version: u64) -> Result<(), StoreError> {
        // The version may be another directory's: its ports were copied here, and nothing newer is expected.
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

    /// Calls `report` for the first failed write of each series, until the directory is released. It holds no handle
    /// to the data.
    pub(crate) fn report_failures<R: Fn(&StoreError) + Send>(
        &self,
        report: R,
    ) -> impl Future<Output = ()> + Send + use<R> {
        let mut progress = self.0.progress.clone();
        async move {
            let mut failing = false;
            loop {
                let error = progress.borrow_and_update().error.clone();
                if let (Some(error), false) = (&error, failing) {
                    report(error);
                }
                failing = error.is_some();
                if progress.changed().await.is_err() {
                    return;
                }
            }
        }
    }

    /// Writes pending changes once and releases the directory. May be called again. Later changes stay in memory.
    pub(crate) async fn close(&self) {
        self.0.state.send_modify(|state| state.closing = true);
        let mut progress = self.0.progress.clone();
        // The writer drops its end when the directory is released.
        while progress.changed().await.is_ok() {}
    }

    fn change(&self, change: impl FnOnce(&mut SavedState) -> bool) -> u64 {
        // After a failed write every call is a reason to try again at once: the disk may have room by now.
        let failing = self.0.progress.borrow().error.is_some();
        let mut version = 0;
        self.0.state.send_if_modified(|state| {
            let changed = change(state) || failing;
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
