//! Sees what a test would otherwise miss: a panic in another thread, and a fault that was reported.
//!
//! A test binary that links this crate (`use loopwire_testing as _;`) records both from its start. What was not
//! announced with [`ordered()`] fails the test that holds a [`Watch`], or else the whole binary when it exits.

mod begin;
mod faults;
mod ordered;
mod record;
mod watch;
mod wine;

pub use ordered::{Ordered, ordered};
pub use watch::{Watch, not_ordered, test_name};
pub use wine::skipped_under_wine;
