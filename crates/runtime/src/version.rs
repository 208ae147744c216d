//! The version.

/// The version of Loopwire.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The same with the name before it.
pub const VERSION_INFO: &str = concat!("loopwire/", env!("CARGO_PKG_VERSION"));
