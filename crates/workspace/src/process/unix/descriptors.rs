//! Descriptors: pipes that no child inherits, and registration with the event loop.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Makes exec close the descriptors of other code in this process: between fork and exec, in the child. Ours have that
/// flag already, but for a moment on macOS.
pub(super) fn keep_descriptors_back() {
    #[cfg(target_os = "linux")]
    #[expect(
        unsafe_code,
        reason = "changes nothing but flags of this process's descriptors"
    )]
    unsafe {
        // Older kernels lack this call: there each descriptor's own flag has to do.
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 4_u32);
    }
    #[cfg(target_vendor = "apple")]
    super::apple::keep_descriptors_back();
}

/// A pipe that no child inherits: the end to read from, and the end to write to.
pub(super) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    #[cfg(not(target_vendor = "apple"))]
    let ends = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    #[cfg(target_vendor = "apple")]
    let ends = super::apple::pipe()?;
    Ok(ends)
}

/// Lets a write to a pipe without a reader fail, and send this process no signal. Only for an end that no command gets:
/// those want the signal. Elsewhere it goes to the thread that writes, and those of the C library block it.
pub(crate) fn without_sigpipe(end: impl AsFd) {
    #[cfg(target_vendor = "apple")]
    super::apple::without_sigpipe(end);
    #[cfg(not(target_vendor = "apple"))]
    let _ = end;
}

/// Registers a descriptor with the event loop.
///
/// # Errors
/// No memory, or too many are registered.
pub(crate) fn async_fd(end: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    #[expect(
        unsafe_code,
        reason = "an OwnedFd stays the same open descriptor until it is dropped"
    )]
    let watched = unsafe { AsyncFd::register_with_interest(end, interest) };
    Ok(watched?)
}
