//! Descriptors that the event loop watches.

use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// An end, as the event loop watches it. Without descriptors or memory it cannot: then there is no output, and the
/// command hears of it when it writes.
pub(crate) fn watched(end: OwnedFd, interest: Interest) -> Option<AsyncFd<OwnedFd>> {
    #[expect(
        unsafe_code,
        reason = "an OwnedFd stays the same open descriptor until it is dropped"
    )]
    let watched = unsafe { AsyncFd::register_with_interest(end, interest) };
    watched
        .inspect_err(|error| tracing::warn!(%error, "a command's stream cannot be watched"))
        .ok()
}
