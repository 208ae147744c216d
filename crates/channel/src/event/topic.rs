//! Topics: the families of events, and the sets of them that a sink may see.

/// The family an event belongs to. It decides which connections may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Topic {
    /// The channel about itself (`fault`). Callbacks and `loopwire.v1` connections only.
    Control = 1,
    /// The forward engine's eight events.
    Forward = 1 << 1,
    /// The application's own events.
    App = 1 << 2,
    /// Terminals, git and snapshots.
    Workspace = 1 << 3,
    /// Changes of files.
    File = 1 << 4,
    /// For callbacks alone: what connections hear in another way (`terminal:started`, `terminal:exit`).
    Callback = 1 << 5,
}

/// A set of topics: what one sink is allowed to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topics(u8);

impl Topics {
    /// Everything that a connection may see: `loopwire.v1`. Callbacks see all there is.
    pub const ALL: Self = Self(0b1_1111);
    /// What a plain connection of the SDK's form sees (seed 000).
    pub const SDK: Self = Self(Topic::Forward as u8 | Topic::App as u8);
    /// What a plain connection of a sandbox form sees (seed 004).
    pub const SANDBOX: Self = Self(Topic::Workspace as u8 | Topic::File as u8 | Topic::App as u8);

    /// Whether `topic` is in the set.
    #[inline]
    #[must_use]
    pub const fn admits(self, topic: Topic) -> bool {
        self.0 & topic as u8 != 0
    }
}
