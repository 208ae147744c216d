//! The permissions of saved data.

/// Only the owner: an inline upstream is saved with its password.
#[cfg(unix)]
pub(super) const MODE: u32 = 0o600;
#[cfg(unix)]
pub(super) const DIRECTORY_MODE: u32 = 0o700;
