//! How many snapshots were removed whose space is not free yet.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many snapshots are removed before their space is freed, which costs a copy of all others.
const MAX_REMOVED: usize = 16;

/// The number of them. What a process before this one has removed is not known, so the first one counts as the last.
#[derive(Debug)]
pub(crate) struct Garbage(AtomicUsize);

impl Default for Garbage {
    fn default() -> Self {
        Self(AtomicUsize::new(MAX_REMOVED))
    }
}

impl Garbage {
    /// Adds to the number. Whether it is time to free the space.
    pub(crate) fn add(&self, removed: usize) -> bool {
        let before = self.0.fetch_add(removed, Ordering::Relaxed);
        removed > 0 && before + removed >= MAX_REMOVED
    }

    /// The space was freed.
    pub(crate) fn none(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_freed_at_once_and_then_every_sixteenth() {
        let garbage = Garbage::default();
        assert!(!garbage.add(0));
        assert!(garbage.add(1));
        garbage.none();
        assert!(!garbage.add(MAX_REMOVED - 1));
        assert!(garbage.add(1));
    }
}
