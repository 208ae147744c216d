//! Events into C: a function that is called for each of them.

mod exports;

pub(crate) use exports::start as start_events;
