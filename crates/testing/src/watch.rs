//! Fails the test that a panic or a fault belongs to.

use std::thread;

use crate::record;

/// The name of the running test, which its thread has. Name the worker threads of its runtime after it: then their
/// panics are told from those of tests that run at the same time.
#[must_use]
pub fn test_name() -> String {
    thread::current().name().unwrap_or("main").to_owned()
}

/// Takes what was seen and not ordered, whatever thread it happened in.
#[must_use]
pub fn not_ordered() -> Vec<String> {
    let records = record::take(|_| true);
    records.iter().map(ToString::to_string).collect()
}

/// Dropped at the end of a test, it fails the test if something happened that was not ordered.
#[derive(Debug)]
pub struct Watch {
    test: String,
}

impl Watch {
    /// Belongs to the test that calls it.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "a default would not say that the calling thread counts"
    )]
    pub fn new() -> Self {
        let test = test_name();
        Self { test }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A test that fails already needs no second reason, and a second panic would abort.
        if thread::panicking() {
            return;
        }
        let found = record::take(|record| record.may_be_of(&self.test));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "not ordered: {}", found.join("; "));
    }
}
