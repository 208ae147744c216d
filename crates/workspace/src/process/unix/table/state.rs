//! What the system says of a process.

/// Whether a process of a session is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Alive,
    /// It has ended, and its parent has not waited for it. macOS says that of the leaders alone, and nothing of others.
    Zombie,
}
