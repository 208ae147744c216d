//! The order in which names are due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ffi::OsStr;
use std::time::Instant;

use super::tree::{DirId, Name};

/// The names in the order in which they are due. What has another time by now is in it twice.
#[derive(Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Reverse<(Instant, u64, DirId, Name)>>,
    number: u64,
}

/// A name that is due.
pub(crate) struct Due {
    pub(crate) at: Instant,
    pub(crate) directory: DirId,
    pub(crate) name: Name,
}

impl Queue {
    pub(crate) fn push(&mut self, at: Instant, directory: DirId, name: &OsStr) {
        self.number += 1;
        self.heap
            .push(Reverse((at, self.number, directory, name.into())));
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|one| one.0.0)
    }

    pub(crate) fn pop(&mut self, until: Option<Instant>) -> Option<Due> {
        let first = self.next()?;
        if until.is_some_and(|until| first > until) {
            return None;
        }
        let Reverse((at, _, directory, name)) = self.heap.pop()?;
        Some(Due {
            at,
            directory,
            name,
        })
    }
}
