//! How a directory is read.

/// How a directory is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// What is in it was there when somebody asked for it. The budget refuses.
    Cover,
    /// The same for a directory that a changed rule shows.
    Silent,
    /// What is in it is new.
    New,
}
