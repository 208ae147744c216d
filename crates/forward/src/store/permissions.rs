//! Who may read saved data.

/// The owner alone: an upstream that was given inline has its password in there.
#[cfg(unix)]
pub(super) const MODE: u32 = 0o600;
#[cfg(unix)]
pub(super) const DIRECTORY_MODE: u32 = 0o700;
