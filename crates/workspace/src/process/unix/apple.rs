//! What macOS has in another form: descriptors. `docs/design/macos.md` says what was read, and what nobody has tried.

use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd, RawFd};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::OpenptFlags;

/// How many descriptors are asked for at once, on the stack: between fork and exec nothing is allocated.
const LISTED: usize = 1024;

/// A pipe that no child inherits. A child that is forked between the two calls keeps it back by itself (see
/// [`keep_descriptors_back`]), if it is one of ours.
pub(super) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let ends = rustix::pipe::pipe()?;
    fcntl_setfd(&ends.0, FdFlags::CLOEXEC)?;
    fcntl_setfd(&ends.1, FdFlags::CLOEXEC)?;
    Ok(ends)
}

/// The master of a new PTY, as [`pipe`] has it.
pub(super) fn openpt() -> io::Result<OwnedFd> {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    fcntl_setfd(&master, FdFlags::CLOEXEC)?;
    Ok(master)
}

/// Lets a write to a pipe without a reader fail, and do nothing else. The signal would go to the whole process, and end a
/// host that neither ignores nor handles it, as one with the C library may. The flag belongs to what is open, so that a
/// command with this end would have it, too.
pub(super) fn without_sigpipe(end: impl AsFd) {
    #[expect(
        unsafe_code,
        reason = "changes nothing but a flag of a descriptor that is held meanwhile"
    )]
    unsafe {
        libc::fcntl(end.as_fd().as_raw_fd(), libc::F_SETNOSIGPIPE, 1);
    }
}

/// Makes exec close all descriptors but the standard ones: between fork and exec, in the child. Here they are not made with
/// that flag, but get it a moment later.
pub(super) fn keep_descriptors_back() {
    let mut open = [libc::proc_fdinfo {
        proc_fd: 0,
        proc_fdtype: 0,
    }; LISTED];
    let size = i32::try_from(size_of_val(&open)).unwrap_or_default();
    #[expect(
        unsafe_code,
        reason = "the kernel writes as much as the array holds, and tells how much that is"
    )]
    let got = unsafe {
        let (own, at) = (libc::getpid(), open.as_mut_ptr().cast());
        libc::proc_pidinfo(own, libc::PROC_PIDLISTFDS, 0, at, size)
    };
    let listed = usize::try_from(got).unwrap_or_default() / size_of::<libc::proc_fdinfo>();
    if 0 < listed && listed < LISTED {
        open[..listed].iter().for_each(|it| keep_back(it.proc_fd));
    } else {
        #[expect(unsafe_code, reason = "returns a number")]
        let end = unsafe { libc::getdtablesize() };
        (0..end).for_each(keep_back);
    }
}

fn keep_back(descriptor: RawFd) {
    if descriptor > libc::STDERR_FILENO {
        #[expect(
            unsafe_code,
            reason = "changes nothing but a flag of this process's descriptor, or fails"
        )]
        unsafe {
            libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
}
