//! The directories in which a restore works, each opened beneath the root without following links. One that nobody may
//! write is made writable for a moment.

use std::collections::BTreeMap;

use cap_std::fs::Dir;

use crate::snapshot::system::{
    Opened, Refused, Result, Why, loosen, open_directory, set_directory_mode, sync_directory,
};

/// The directories.
pub(super) struct Directories<'a> {
    root: &'a Dir,
    /// The last one: files come directory by directory.
    last: Option<(Vec<u8>, Opened)>,
    /// Those that were made writable, and what they had.
    loosened: BTreeMap<Vec<u8>, u32>,
    /// Whether each is written to the disk when the next one comes.
    durable: bool,
}

impl<'a> Directories<'a> {
    pub(super) const fn new(root: &'a Dir, durable: bool) -> Self {
        Self {
            root,
            last: None,
            loosened: BTreeMap::new(),
            durable,
        }
    }

    /// Works in the directory with this path.
    pub(super) fn within<T>(
        &mut self,
        path: &[u8],
        work: impl Fn(&Opened) -> Result<T>,
    ) -> Result<T> {
        if self.last.as_ref().is_none_or(|(last, _)| last != path) {
            self.leave();
            let opened = open_directory(self.root, path)?;
            self.last = Some((path.to_vec(), opened));
        }
        let Some((_, opened)) = &self.last else {
            return Err(Refused::of(Why::Gone));
        };
        let denied = match work(opened) {
            Err(error) if error.why == Why::Denied => error,
            done => return done,
        };
        let Some(mode) = loosen(opened)? else {
            return Err(denied);
        };
        self.loosened.entry(path.to_vec()).or_insert(mode);
        work(opened)
    }

    /// Gives a directory these permissions.
    pub(super) fn set_mode(&mut self, path: &[u8], bits: u32) -> Result<()> {
        self.loosened.remove(path);
        self.within(path, |opened| set_directory_mode(opened, bits))
    }

    /// Gives the rest of those that were made writable what they had, the deepest first.
    pub(super) fn restore_modes(&mut self) {
        while let Some((path, bits)) = self.loosened.pop_last() {
            // Some of them were removed.
            let _ = self.set_mode(&path, bits);
        }
    }

    /// Closes the last one.
    pub(super) fn leave(&mut self) {
        if let Some((_, opened)) = self.last.take()
            && self.durable
        {
            sync_directory(&opened);
        }
    }
}
