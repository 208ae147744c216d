//! What is left to be done after a flush.

/// What is left to be done after a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Need {
    /// Everything is written, and the sink is parked.
    Nothing,
    /// The kernel's buffer is full.
    Writable,
    /// There is more, but the thread must yield.
    More,
    /// In a burst there is little or nothing yet: the task may wait for more.
    Rest,
    /// Nothing will be written any more: the close frame is written, or the socket is broken.
    Over,
}

impl From<u8> for Need {
    fn from(code: u8) -> Self {
        [
            Self::Nothing,
            Self::Writable,
            Self::More,
            Self::Rest,
            Self::Over,
        ]
        .into_iter()
        .find(|need| *need as u8 == code)
        .unwrap_or(Self::More)
    }
}
