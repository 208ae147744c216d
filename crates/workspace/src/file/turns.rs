//! Turns at a file that is written in place: two writes at the same time would mix their contents.

use parking_lot::{Condvar, Mutex};

use crate::root::Identity;

/// Who writes which file in place. Its waits block, and end when the write before has ended.
#[derive(Default)]
pub(super) struct Turns {
    /// At most one for each transfer.
    taken: Mutex<Vec<Identity>>,
    ended: Condvar,
}

/// A turn, which ends when this is dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    file: Identity,
}

impl Turns {
    /// Waits until no other write of this workspace is in the file.
    pub(super) fn take(&self, file: Identity) -> Turn<'_> {
        let mut taken = self.taken.lock();
        while taken.contains(&file) {
            self.ended.wait(&mut taken);
        }
        taken.push(file);
        Turn { turns: self, file }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.taken.lock().retain(|file| *file != self.file);
        self.turns.ended.notify_all();
    }
}
